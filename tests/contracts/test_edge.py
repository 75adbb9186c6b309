"""The edge before the site keeps what it may, speaks as it must, and says what the application says."""

import re
from typing import Any

from django.conf import settings

from marketplace.laptop.cloudformation import read_template
from marketplace.settings.env import BASE_DIR
from tests.templates import resources

CACHING_DISABLED, CACHING_OPTIMIZED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad", "658327ea-f89d-4fab-a63d-7e88639e58f6"
ALL_VIEWER_EXCEPT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"


def distribution() -> dict[str, Any]:
    found: dict[str, Any] = resources("edge")["Distribution"]["Properties"]["DistributionConfig"]
    return found


def test_the_edge_keeps_files_and_nothing_else() -> None:
    default = distribution()["DefaultCacheBehavior"]
    assert (default["CachePolicyId"], default["OriginRequestPolicyId"]) == (CACHING_DISABLED, ALL_VIEWER_EXCEPT_HOST)
    files, photos = distribution()["CacheBehaviors"]
    assert (files["PathPattern"], files["TargetOriginId"]) == ("/static/*", "static")
    assert files["Compress"] is True
    # Photos that everybody may see, under names of their own.
    assert (photos["PathPattern"], photos["TargetOriginId"]) == ("/media/public/*", "api")
    for kept in (files, photos):
        # Of what a visitor sends only the address goes on: no cookie, no header, no query. Nobody is anybody there.
        assert kept["CachePolicyId"] == CACHING_OPTIMIZED
        assert "OriginRequestPolicyId" not in kept
        assert kept["AllowedMethods"] == ["GET", "HEAD"]


def test_the_edge_gives_nobody_the_refusal_of_another() -> None:
    errors = distribution()["CustomErrorResponses"]
    # All that CloudFront keeps, for ten seconds unless it is told.
    assert {each["ErrorCode"] for each in errors} == {400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504}
    assert {each["ErrorCachingMinTTL"] for each in errors} == {0}


def test_the_edge_speaks_https_of_today() -> None:
    edge = distribution()
    assert (edge["HttpVersion"], edge["IPV6Enabled"]) == ("http2and3", True)
    behaviors = [edge["DefaultCacheBehavior"], *edge["CacheBehaviors"]]
    assert {each["ViewerProtocolPolicy"] for each in behaviors} == {"redirect-to-https"}
    assert all(each["ResponseHeadersPolicyId"] == {"Ref": "SecurityHeaders"} for each in behaviors)
    api, static = edge["Origins"]
    assert api["CustomOriginConfig"]["OriginProtocolPolicy"] == "https-only"
    assert api["OriginCustomHeaders"] == [{"HeaderName": "X-Front-Secret", "HeaderValue": {"Ref": "FrontSecret"}}]
    assert static["OriginAccessControlId"]["Fn::GetAtt"] == ["OriginAccess", "Id"]


def test_the_edges_headers_are_the_applications() -> None:
    policy = resources("edge")["SecurityHeaders"]["Properties"]["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
    production = (BASE_DIR / "marketplace/settings/production.py").read_text()
    seconds = re.search(r"SECURE_HSTS_SECONDS = ([\d_]+)", production)
    assert seconds
    assert policy["StrictTransportSecurity"] == {
        "AccessControlMaxAgeSec": int(seconds[1]),
        "IncludeSubdomains": True,
        "Preload": True,
        "Override": False,
    }
    assert policy["FrameOptions"]["FrameOption"] == settings.X_FRAME_OPTIONS
    assert policy["ReferrerPolicy"]["ReferrerPolicy"] == settings.SECURE_REFERRER_POLICY
    # What the application says counts.
    assert policy["ContentSecurityPolicy"]["Override"] is False


def test_the_edge_alone_reads_the_files() -> None:
    policy = resources("edge")["StaticBucketPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    (allowed,) = [each for each in policy if each["Effect"] == "Allow"]
    assert (allowed["Principal"], allowed["Action"]) == ({"Service": "cloudfront.amazonaws.com"}, "s3:GetObject")
    assert allowed["Condition"]["StringEquals"]["AWS:SourceArn"]["Fn::Sub"].endswith(":distribution/${Distribution}")
    block = resources("storage")["StaticBucket"]["Properties"]["PublicAccessBlockConfiguration"]
    assert len(block) == 4
    assert all(block.values())


def test_the_secret_of_the_edge_is_shown_to_nobody() -> None:
    template = read_template(BASE_DIR / "infrastructure" / "edge.yaml")
    assert template["Parameters"]["FrontSecret"]["NoEcho"] is True
    assert "FrontSecret" not in str(template["Outputs"])
