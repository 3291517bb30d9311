"""A master behind Sentinels, over TLS, under load: it is killed, then its successor hands over in order; every event is answered once."""
import time

from program import Directory, check, wait_until
from replicated import Billing, Certificate, Service, Watched


def wait_for_successor(watched, old):
    wait_until(lambda: watched.master() not in (None, old), "another server is the master")


def hand_over(watched, old):
    """Sentinels that were held up abort a failover that they agreed to, and do not begin it again by themselves."""
    def handed_over():
        if watched.master() not in (None, old):
            return True
        watched.sentinels[1].cli("SENTINEL", "FAILOVER", watched.NAME, expect=None)
        return False
    wait_until(handed_over, "another server is the master")


with Directory() as directory:
    tls = Certificate(directory)
    with Watched(directory, tls) as watched, \
            Service(directory, watched.url, partitions=4, wait_replicas=1, **tls.dun_settings,
                    **{"redis.sentinel.password": f'"{watched.SENTINELS_PASSWORD}"'}) as service:
        billing = Billing(service, "--wait-replicas", "1")
        billing.go_on_for(200)

        # The Sentinel that is asked first is away from here on.
        watched.sentinels[0].end()
        old = watched.master()
        begun = time.monotonic()
        old.end()
        wait_for_successor(watched, old)
        taken = time.monotonic() - begun
        old.start()
        billing.go_on_for(200)
        wait_until(service.owned, "all partitions are owned again")
        print(f"failover: a new master after {taken:.1f} s, all partitions at work after {time.monotonic() - begun:.1f} s")

        # In order, as for an upgrade: the old master stays, as a replica that refuses to be written to. On a machine that
        # stands still for too long the Sentinels may have changed it once more meanwhile, so whoever it is now counts.
        wait_until(watched.in_step, "the replica is in step")
        new = watched.master()
        hand_over(watched, new)
        billing.go_on_for(200)
        billing.stop()
        print(f"{billing.check_answers()} events, each answered once and in order; {billing.repeated} publications repeated")
        wait_until(service.owned, "all partitions are owned")
        service.stop()
