"""ECR keeps an image whose last tag moves to another; moto would forget it (facts C5, C9)."""

from functools import cache, wraps
from typing import Any


@cache
def keep_untagged() -> None:
    """Teach moto's PutImage, whether it is called here or over the wire; once a process."""
    from moto.ecr.models import ECRBackend

    put_image = ECRBackend.put_image

    @wraps(put_image)
    def kept(backend: Any, repository_name: str, *args: Any, **named: Any) -> Any:
        repository = backend.repositories.get(repository_name)
        before = list(repository.images) if repository else []
        image = put_image(backend, repository_name, *args, **named)
        for old in before:
            if not any(old is held for held in repository.images):
                old.image_tag, old.image_tags = None, []
                repository.images.append(old)
        return image

    ECRBackend.put_image = kept  # type: ignore[method-assign, assignment]
