"""What is wrong with manifests for Kubernetes."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from attrs import frozen

from repaircore.entrypoints.http.metrics import Metrics
from tests.unit.deploy.commands import is_understood
from tests.unit.deploy.files import DRAIN, IMAGE, Document, told_secrets

CONFINED: Final = {
    "allowPrivilegeEscalation": False,
    "privileged": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}
EXPORTED: Final = frozenset(re.findall(r"^# TYPE (\S+) gauge$", Metrics().render(1.0).decode(), re.MULTILINE))


@frozen
class Cluster:
    """All manifests together."""

    documents: list[Document]

    def of(self, kind: str) -> list[Document]:
        """Every manifest of a kind."""
        return [each for each in self.documents if each["kind"] == kind]

    def one(self, kind: str, name: str) -> Document:
        """The manifest of that name. Raises StopIteration when there is none."""
        return next(each for each in self.of(kind) if each["metadata"]["name"] == name)

    def pods(self) -> Iterator[Mapping[str, Any]]:
        """What runs."""
        for each in (*self.of("Deployment"), *self.of("Job")):
            yield each["spec"]["template"]["spec"]

    def containers(self) -> Iterator[Mapping[str, Any]]:
        """What runs in each of them."""
        for pod in self.pods():
            yield from pod["containers"]


def faults(cluster: Cluster) -> set[str]:
    """Name every promise of the manifests that they break."""
    server, pods, containers = _server(cluster), list(cluster.pods()), list(cluster.containers())
    lasting = [each["spec"]["template"]["spec"] for each in cluster.of("Deployment")]
    found = {
        "a pod may run as root": not all(_is_nobody(pod["securityContext"]) for pod in pods),
        "a pod may speak to the cluster": any(pod.get("automountServiceAccountToken", True) for pod in pods),
        "the cluster's variables are taken for settings": any(pod.get("enableServiceLinks", True) for pod in pods),
        "a container is not confined": any(each.get("securityContext") != CONFINED for each in containers),
        "an image of another version is run": {each["image"] for each in containers} != {IMAGE},
        "a container is without bounds": any("memory" not in each["resources"]["limits"] for each in containers),
        "a command is not understood": not all(is_understood(each["args"]) for each in containers),
        "liveness is not asked of /health": _path(server, "livenessProbe") != "/health",
        "readiness is not asked of /ready": _path(server, "readinessProbe") != "/ready",
        "a pod is killed while it drains": any(_grace(pod) < DRAIN + 15 for pod in lasting),
        "requests go on to a server that stops": "preStop" not in server.get("lifecycle", {}),
        "a secret is among the manifests": bool(cluster.of("Secret")) or _told(cluster),
        "a secret's file is not there": not all(_mounted(cluster, pod) for pod in pods),
        "the service finds no server": not _selects(cluster.one("Service", "repaircore")["spec"]["selector"], cluster),
        "the last server may be taken away": _budgets(cluster) != {"server", "worker"},
        "workers do not follow what is exported": not _follows(cluster),
        "two decide how many workers there are": "replicas" in cluster.one("Deployment", "repaircore-worker")["spec"],
    }
    return {fault for fault, is_there in found.items() if is_there}


def _server(cluster: Cluster) -> Mapping[str, Any]:
    pod = cluster.one("Deployment", "repaircore-server")["spec"]["template"]["spec"]
    container: Mapping[str, Any] = pod["containers"][0]
    return container


def _is_nobody(context: Mapping[str, Any]) -> bool:
    return bool(context.get("runAsNonRoot")) and context.get("runAsUser", 0) > 0 and "fsGroup" in context


def _path(container: Mapping[str, Any], probe: str) -> str:
    path: str = container.get(probe, {}).get("httpGet", {}).get("path", "")
    return path


def _grace(pod: Mapping[str, Any]) -> int:
    seconds: int = pod.get("terminationGracePeriodSeconds", 30)
    return seconds


def _told(cluster: Cluster) -> bool:
    given = [each["data"].items() for each in cluster.of("ConfigMap")]
    named = [
        [(variable["name"], variable.get("value", "")) for variable in each.get("env", ())]
        for each in cluster.containers()
    ]
    return any(told_secrets(variables) for variables in (*given, *named))


def _mounted(cluster: Cluster, pod: Mapping[str, Any]) -> bool:
    """Every file that the settings name is one of the pod's secrets."""
    folders = {each["name"]: each["mountPath"] for each in pod["containers"][0]["volumeMounts"]}
    files = {
        f"{folders.get(volume['name'])}/{item['path']}"
        for volume in pod["volumes"]
        for item in volume.get("secret", {}).get("items", ())
    }
    settings = cluster.one("ConfigMap", "repaircore-settings")["data"]
    return {value for name, value in settings.items() if name.endswith("_FILE")} <= files


def _selects(labels: Mapping[str, str], cluster: Cluster) -> set[str]:
    """The components that have these labels."""
    found = [each["spec"]["template"]["metadata"]["labels"] for each in cluster.of("Deployment")]
    return {each["app.kubernetes.io/component"] for each in found if labels.items() <= each.items()}


def _budgets(cluster: Cluster) -> set[str]:
    return {
        component
        for budget in cluster.of("PodDisruptionBudget")
        if budget["spec"].get("minAvailable") == 1 or budget["spec"].get("maxUnavailable") == 1
        for component in _selects(budget["spec"]["selector"]["matchLabels"], cluster)
    }


def _follows(cluster: Cluster) -> bool:
    scaler = cluster.one("HorizontalPodAutoscaler", "repaircore-worker")["spec"]
    metrics = {each["external"]["metric"]["name"] for each in scaler["metrics"]}
    return metrics == {"repaircore_jobs_lag_seconds"} and metrics <= EXPORTED and scaler["minReplicas"] >= 2
