"""The manifests for Kubernetes: confined, probed, scaled by what /metrics tells, and never all taken away at once."""

import pytest

from tests.unit.deploy.cluster import Cluster, faults
from tests.unit.deploy.files import DEPLOY, IMAGE, REPOSITORY, changed, documents

FOLDER, EXAMPLES = DEPLOY / "kubernetes", REPOSITORY / "examples"
NAMES = sorted(path.name for path in FOLDER.iterdir() if path.name != "kustomization.yaml")

BROKEN = [
    ("worker.yaml", "runAsNonRoot: true", "runAsNonRoot: false", "a pod may run as root"),
    ("server.yaml", "runAsUser: 10001", "runAsUser: 0", "a pod may run as root"),
    ("server.yaml", "automountServiceAccountToken: false", "hostIPC: false", "a pod may speak to the cluster"),
    ("migrate.yaml", "enableServiceLinks: false", "hostIPC: false", "the cluster's variables are taken for settings"),
    ("worker.yaml", "readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false", "a container is not confined"),
    ("server.yaml", "capabilities: {drop: [ALL]}", "capabilities: {}", "a container is not confined"),
    ("migrate.yaml", f"image: {IMAGE}", "image: repaircore:latest", "an image of another version is run"),
    ("worker.yaml", "limits: {memory: 512Mi}", "limits: {}", "a container is without bounds"),
    ("worker.yaml", "args: [worker]", "args: [work]", "a command is not understood"),
    ("server.yaml", "path: /health", "path: /ready", "liveness is not asked of /health"),
    ("server.yaml", "path: /ready", "path: /health", "readiness is not asked of /ready"),
    ("server.yaml", "terminationGracePeriodSeconds: 75", "hostPID: false", "a pod is killed while it drains"),
    ("server.yaml", "preStop:", "postStart:", "requests go on to a server that stops"),
    ("settings.yaml", "\ndata:", "\ndata:\n  REPAIRCORE_SECRET_KEY: hush", "a secret is among the manifests"),
    ("settings.yaml", "repaircore@postgres", "repaircore:hush@postgres", "a secret is among the manifests"),
    ("settings.yaml", "repaircore/secret-key", "repaircore/key", "a secret's file is not there"),
    ("worker.yaml", "path: database-password", "path: password", "a secret's file is not there"),
    ("service.yaml", "component: server", "component: web", "the service finds no server"),
    ("disruption.yaml", "minAvailable: 1", "minAvailable: 0", "the last server may be taken away"),
    ("scaling.yaml", "repaircore_jobs_lag_seconds", "repaircore_job_lag", "workers do not follow what is exported"),
    ("worker.yaml", "  strategy:", "  replicas: 2\n  strategy:", "two decide how many workers there are"),
]


def manifests(**instead: str) -> Cluster:
    """Read every manifest, some of them changed."""
    texts = {name: (FOLDER / name).read_text(encoding="utf-8") for name in NAMES} | instead
    return Cluster([document for written in texts.values() for document in documents(written)])


def test_the_manifests_keep_their_promises() -> None:
    """Nothing that is looked for is wrong with them."""
    assert faults(manifests()) == set()


@pytest.mark.parametrize(("name", "old", "new", "fault"), BROKEN)
def test_broken_promises_are_seen(name: str, old: str, new: str, fault: str) -> None:
    """One change breaks one promise, which is named."""
    broken = changed((FOLDER / name).read_text(encoding="utf-8"), old, new)

    assert faults(manifests(**{name: broken})) == {fault}


def test_all_of_them_are_applied() -> None:
    """The kustomization names every manifest, and the version that is run."""
    (kustomization,) = documents((FOLDER / "kustomization.yaml").read_text(encoding="utf-8"))

    assert sorted(kustomization["resources"]) == NAMES
    assert [f"{each['name']}:{each['newTag']}" for each in kustomization["images"]] == [IMAGE]


@pytest.mark.parametrize("shop", sorted(path.name for path in EXAMPLES.iterdir()))
def test_a_pod_has_the_whole_shop(shop: str) -> None:
    """A map of files holds no folders: what is in those of a shop is put back in its place, in every pod."""
    inside = {str(path.relative_to(EXAMPLES / shop)) for path in (EXAMPLES / shop).glob("*/*")}
    for pod in manifests().pods():
        (projected,) = (volume["projected"]["sources"] for volume in pod["volumes"] if "projected" in volume)
        maps = [source["configMap"] for source in projected]

        assert inside <= {item["path"] for each in maps for item in each.get("items", ())}
        assert [each["name"] for each in maps if "items" not in each] == ["repaircore-shop"]
