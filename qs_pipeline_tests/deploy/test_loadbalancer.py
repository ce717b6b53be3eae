"""The load balancers and what they lead to, as far as moto goes: nobody reaches a webserver without a login."""

from typing import Any

import boto3
import pytest

from qs_pipeline_tests.deploy.conftest import DEPLOY, template
from qs_pipeline_tests.deploy.test_cloudformation import STACK, create

pytestmark = [pytest.mark.long, pytest.mark.filterwarnings("ignore:Tried to parse")]
PROVIDER = {
    "Issuer": "https://login.example.com",
    "AuthorizationEndpoint": "https://login.example.com/authorize",
    "TokenEndpoint": "https://login.example.com/token",
    "UserInfoEndpoint": "https://login.example.com/userinfo",
}


def balancer(client: str, account: dict[str, str]) -> dict[str, str]:
    """Deploy a load balancer into the account's network, with a login for a client; the outputs of its stack."""
    certificate = boto3.client("acm").request_certificate(DomainName="qs.example.com")["CertificateArn"]
    given = {"ClientNetwork": "10.0.0.0/8", "CertificateArn": certificate, "ClientId": client, "ClientSecretName": "s"}
    network = {key: account[key] for key in ("VpcId", "SubnetIds")}
    made = create(client, DEPLOY / "loadbalancer.yaml", network | PROVIDER | given)
    return {each["OutputKey"]: each["OutputValue"] for each in made["Outputs"]}


def rules() -> list[dict[str, Any]]:
    """The rules of the only listener there is, first that which is looked at first."""
    elb = boto3.client("elbv2")
    (found,) = elb.describe_load_balancers()["LoadBalancers"]
    (listener,) = elb.describe_listeners(LoadBalancerArn=found.get("LoadBalancerArn", ""))["Listeners"]
    assert (listener.get("Protocol"), listener.get("Port")) == ("HTTPS", 443)
    listed = elb.describe_rules(ListenerArn=listener.get("ListenerArn", ""))["Rules"]
    return sorted((dict(each) for each in listed), key=lambda each: str(each["Priority"]))  # "default" comes last


def test_whatever_a_load_balancer_lets_through_has_logged_in_first(account: dict[str, str]) -> None:
    outputs = balancer("operators", account)
    refused, (login, forward) = (rule["Actions"] for rule in rules())
    assert [each["Type"] for each in refused] == ["fixed-response"]
    assert (login["Type"], forward["Type"]) == ("authenticate-oidc", "forward")
    assert login["AuthenticateOidcConfig"]["ClientId"] == "operators"
    assert login["AuthenticateOidcConfig"]["OnUnauthenticatedRequest"] == "authenticate"
    assert forward["TargetGroupArn"] == outputs["TargetGroup"]


def test_the_page_of_another_site_is_refused_before_its_cookie_is_looked_at(account: dict[str, str]) -> None:
    balancer("operators", account)
    first, *_ = rules()
    asked = {each["Field"]: each for each in first["Conditions"]}
    assert asked["path-pattern"]["PathPatternConfig"]["Values"] == ["/graphql*"]
    assert set(asked["http-header"]["HttpHeaderConfig"]["Values"]) == {"cross-site", "same-site"}
    assert [each["FixedResponseConfig"]["StatusCode"] for each in first["Actions"]] == ["403"]


def test_those_who_only_look_have_a_login_of_their_own_and_a_webserver_that_refuses_changes(
    account: dict[str, str],
) -> None:
    operators, readers = (balancer(each, account) for each in ("operators", "readers"))
    leads = {
        "WebClients": operators["WebClients"],
        "WebTargetGroup": operators["TargetGroup"],
        "ReadersClients": readers["WebClients"],
        "ReadersTargetGroup": readers["TargetGroup"],
    }
    create(STACK, DEPLOY / "cloudformation.yaml", account | leads)
    assert started_behind("WebTargetGroup") == (3000, False)
    assert started_behind("ReadersTargetGroup") == (3001, True)
    assert admitted() == {(3000, operators["WebClients"]), (3001, readers["WebClients"])}


def admitted() -> set[tuple[int | None, str | None]]:
    """Ports of our tasks with the group that reaches them, beside the tasks themselves."""
    named = {"Name": "description", "Values": ["qs-pipeline tasks"]}
    (group,) = boto3.client("ec2").describe_security_groups(Filters=[named])["SecurityGroups"]
    pairs = [(each, pair.get("GroupId")) for each in group["IpPermissions"] for pair in each["UserIdGroupPairs"]]
    return {(each.get("FromPort"), other) for each, other in pairs if other != group["GroupId"]}


def started_behind(target_group: str) -> tuple[int, bool]:
    """The port of the webserver that registers at a target group, and whether it only shows.

    Which service registers where, the template says: moto forgets it.
    """
    services = [each for each in template().values() if each["Type"] == "AWS::ECS::Service"]
    (service,) = (each["Properties"] for each in services if f"'{target_group}'" in repr(each))
    family = template()[service["TaskDefinition"][1]]["Properties"]["Family"][1].replace("${AWS::StackName}", STACK)
    task = boto3.client("ecs").describe_task_definition(taskDefinition=family)["taskDefinition"]
    (container,) = task.get("containerDefinitions", [])
    command = container.get("command", [])
    port = int(command[command.index("-p") + 1])
    assert f"'ContainerName': '{container.get('name')}', 'ContainerPort': {port}" in repr(service["LoadBalancers"])
    return port, "--read-only" in command
