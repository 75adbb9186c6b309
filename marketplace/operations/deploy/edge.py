"""The edge before a stage's API: its stack, and the certificate of the site's own name, which takes a DNS record."""

import socket
import time
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings

from kernel import clock
from kernel.aws import client
from marketplace.operations.deploy.names import Report
from marketplace.operations.provisioning import (
    CERTIFICATE,
    EDGE,
    Template,
    find_stack,
    outputs_so_far,
    parameters_so_far,
    provision,
    remove_stillborn,
    start,
)

# By then the authority has told which record it wants to see.
_PATIENCE_SECONDS = 15
_RENEWED_BEFORE = timedelta(days=30)


def deploy_edge(stage: str, *, api_domain_name: str, bucket: str, front_secret: str, report: Report) -> str:
    """Bring the edge in front of the API and of the bucket of static files to this checkout's state; the host name
    that it answers to, which is the site's own once that has its certificate. May be repeated.

    Raises `ProvisioningError`.
    """
    given = _deploy_certificate(stage, site_domain(), report=report)
    parameters = {
        "ApiDomainName": api_domain_name,
        "StaticBucketName": bucket,
        "FrontSecret": front_secret,
        "HostedZoneId": settings.HOSTED_ZONE_ID,
        **given,
    }
    name: str = provision(stage, templates=[EDGE], parameters=parameters, report=report)["EDGE_DOMAIN_NAME"]
    domain = given["DomainName"]
    if domain and not settings.HOSTED_ZONE_ID:
        report(f"the DNS of {domain} must lead to the edge: CNAME {name} (or an ALIAS, where no CNAME may be)")
    return domain or name


def site_address(stage: str) -> str:
    """Where the deployed site answers; empty as long as it has no edge."""
    given = parameters_so_far(EDGE, stage).get("DomainName") or outputs_so_far(EDGE, stage).get("EDGE_DOMAIN_NAME")
    return f"https://{given}" if given else ""


def site_domain() -> str:
    """The site's own domain name, which SITE_URL has; empty as long as there is none."""
    site = urlsplit(settings.SITE_URL)
    # A laptop's is no name that others could use.
    return str(site.hostname) if site.scheme == "https" else ""


def domain_standing(stage: str) -> Iterator[str]:
    """How the site's own name stands: its certificate, and whether its DNS leads to the edge.

    Lines that begin with an exclamation mark ask for something to be done.
    """
    domain = parameters_so_far(CERTIFICATE, stage).get("DomainName")
    if not domain:
        yield "domain: none; the site has the edge's own name"
        return
    yield from _certificate_standing(stage, domain)
    yield from _dns_standing(stage, domain)


def _certificate_standing(stage: str, domain: str) -> Iterator[str]:
    arn = outputs_so_far(CERTIFICATE, stage).get("CERTIFICATE_ARN")
    if arn is None:
        for name, value in _records_that_prove(domain):
            yield f"! certificate: {domain}: waits until the DNS has {name} CNAME {value}; deploy again then"
            return
        yield f"! certificate: {domain}: is not there; deploy again"
        return
    certificate = client("acm", region=CERTIFICATE.region).describe_certificate(CertificateArn=arn)["Certificate"]
    ends_at = certificate.get("NotAfter")
    until = f", until {clock.to_rfc3339(ends_at)}" if ends_at else ""
    # ACM renews by itself as long as the record stays, sixty days before the end.
    is_late = ends_at is not None and ends_at - clock.now() < _RENEWED_BEFORE
    good = certificate["Status"] == "ISSUED" and not is_late
    yield f"{'' if good else '! '}certificate: {domain}: {certificate['Status']}{until}"
    if is_late:
        yield f"! certificate: {domain}: was not renewed: is the record that proves the name still in the DNS?"


def _dns_standing(stage: str, domain: str) -> Iterator[str]:
    edge = outputs_so_far(EDGE, stage).get("EDGE_DOMAIN_NAME")
    if not edge:
        return
    leads_to = _addresses(domain)
    if not leads_to:
        yield f"! DNS: {domain} is not known: CNAME {edge} (or an ALIAS, where no CNAME may be)"
    elif leads_to.isdisjoint(_addresses(edge)):
        yield f"! DNS: {domain} leads elsewhere: CNAME {edge} (or an ALIAS, where no CNAME may be)"
    else:
        yield f"DNS: {domain} leads to the edge"


def _addresses(name: str) -> set[str]:
    """Where the DNS says that the name is; nothing if it does not know."""
    try:
        return {str(found[4][0]) for found in socket.getaddrinfo(name, 443, proto=socket.IPPROTO_TCP)}
    except OSError:
        return set()


def _deploy_certificate(stage: str, domain: str, *, report: Report) -> dict[str, str]:
    """What the edge is told of the stack in CloudFront's own region: its name, and what goes with that.

    While a certificate waits for its DNS record, that is what it was told before.
    """
    if not domain and not settings.WITH_FIREWALL:
        return {"DomainName": "", "CertificateArn": "", "FirewallArn": ""}
    parameters = {
        "DomainName": domain,
        "HostedZoneId": settings.HOSTED_ZONE_ID,
        "WithFirewall": str(settings.WITH_FIREWALL).lower(),
    }
    waits = _is_in_progress(CERTIFICATE, stage)
    if not waits and domain and not settings.HOSTED_ZONE_ID:
        # CloudFormation is done once somebody has entered the record, which may be tomorrow.
        remove_stillborn(CERTIFICATE, stage)
        start(CERTIFICATE, stage, parameters)
        give_up_at = time.monotonic() + _PATIENCE_SECONDS
        while waits := _is_in_progress(CERTIFICATE, stage):
            if time.monotonic() > give_up_at:
                break
            time.sleep(1)
    if waits:
        for name, value in _records_that_prove(domain):
            report(f"enter into the DNS, and deploy again some minutes later: {name} CNAME {value}")
        report(f"until {domain} has its certificate, the site has the address that it has")
        before = parameters_so_far(EDGE, stage)
        return {name: before.get(name, "") for name in ("DomainName", "CertificateArn", "FirewallArn")}
    made = provision(stage, templates=[CERTIFICATE], parameters=parameters, report=report)
    return {
        "DomainName": domain,
        "CertificateArn": made.get("CERTIFICATE_ARN", ""),
        "FirewallArn": made.get("FIREWALL_ARN", ""),
    }


def _is_in_progress(template: Template, stage: str) -> bool:
    return str((find_stack(template, stage) or {}).get("StackStatus", "")).endswith("_IN_PROGRESS")


def _records_that_prove(domain: str) -> list[tuple[str, str]]:
    """By which records in its DNS the authority sees whose the name is, as far as it has told."""
    certificates = client("acm", region=CERTIFICATE.region)
    pages = certificates.get_paginator("list_certificates").paginate(CertificateStatuses=["PENDING_VALIDATION"])
    return [
        (option["ResourceRecord"]["Name"], option["ResourceRecord"]["Value"])
        for page in pages
        for each in page["CertificateSummaryList"]
        if each["DomainName"] == domain
        for option in certificates.describe_certificate(CertificateArn=each["CertificateArn"])["Certificate"][
            "DomainValidationOptions"
        ]
        if "ResourceRecord" in option
    ]
