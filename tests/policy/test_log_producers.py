"""Log groups that have the id of what writes to them, which is only known after an update."""

from policy.guardrails.log_producers import destinations
from policy.guardrails.resource import Resource


def test_the_group_of_a_graphql_api_has_its_id():
    properties = {"id": "abc", "logConfig": {"fieldLogLevel": "ERROR"}}
    api = Resource("aws:appsync/graphQLApi:GraphQLApi", "api", "urn", properties)

    assert [log.group for log in destinations(api)] == ["/aws/appsync/apis/abc"]
