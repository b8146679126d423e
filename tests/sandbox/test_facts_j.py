"""States settle in time, and AWS's own waiters see it (facts J)."""

from sandbox.aws import Fault, Timing, zip_of
from tests.sandbox.cloud import Cloud, refused


def test_the_waiters_wait(cloud: Cloud) -> None:
    cloud.sandbox.timing = Timing(in_progress=0.05, pending=0.05)
    name, client = cloud.create()["FunctionName"], cloud.lambda_
    quick = {"Delay": 0.02, "MaxAttempts": 300}
    client.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig=quick)
    client.update_function_code(FunctionName=name, ZipFile=zip_of("b"))
    client.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig=quick)
    assert cloud.get(name)["LastUpdateStatus"] == "Successful"


def test_without_delay_the_next_read_is_settled(cloud: Cloud) -> None:
    cloud.sandbox.timing = Timing.instant()
    name = cloud.create()["FunctionName"]
    answer = cloud.lambda_.update_function_code(FunctionName=name, ZipFile=zip_of("b"))
    assert answer["LastUpdateStatus"] == "InProgress"
    assert cloud.get(name)["LastUpdateStatus"] == "Successful"


def test_a_configuration_update_waits_for_a_code_update(cloud: Cloud) -> None:
    name = cloud.function()
    cloud.lambda_.update_function_code(FunctionName=name, ZipFile=zip_of("b"))
    call = cloud.lambda_.update_function_configuration
    assert refused(call, FunctionName=name, Timeout=9).status == 409


def test_other_states_can_be_seeded(cloud: Cloud) -> None:
    cloud.sandbox.seed.function("inactive", state="Inactive")
    assert cloud.get("inactive")["State"] == "Inactive"


def test_an_update_may_fail_for_a_reason_nobody_has_heard_of(cloud: Cloud) -> None:
    fault = Fault("UpdateFunctionCode", "fail_update", code="Unheard.Of", message="so it is")
    cloud.sandbox.faults.add(fault)
    name = cloud.function()
    cloud.update(name)
    found = cloud.get(name)
    assert (found["State"], found["LastUpdateStatus"]) == ("Active", "Failed")
    assert found["LastUpdateStatusReasonCode"] == "Unheard.Of"
