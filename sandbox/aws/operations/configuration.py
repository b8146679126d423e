"""UpdateFunctionConfiguration (facts A11, J3)."""

from sandbox.aws import layers, settings, signatures
from sandbox.aws.operations.code import updatable
from sandbox.aws.operations.registry import Context, Output, operation


@operation("UpdateFunctionConfiguration")
def update_function_configuration(ctx: Context) -> Output:
    function = updatable(ctx)
    configured = settings.changed(function.name, function.latest.settings, ctx.params)
    if ctx.params.get("Layers"):
        configured = layers.attached(ctx.store.layers, ctx.place, configured)
        layers.check_size(ctx.store.layers, configured, function.latest.code)
        signatures.verify_layers(function, configured, ctx.world.packages, ctx.store)
    outcome = ctx.outcome(function.name)
    function.update(ctx.world.timing.in_progress, outcome, settings=configured)
    return settings.describe(function, function.latest)
