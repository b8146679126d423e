"""Lambda as botocore's own service model describes it: operations, shapes, exceptions."""

from functools import cache

import botocore.session
from botocore.model import OperationModel, ServiceModel, Shape


@cache
def service() -> ServiceModel:
    return botocore.session.get_session().get_service_model("lambda")


@cache
def operation(name: str) -> OperationModel:
    return service().operation_model(name)


@cache
def exceptions() -> dict[str, Shape]:
    return {shape.name: shape for shape in service().error_shapes}
