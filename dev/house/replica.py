"""A streaming replica of a private cluster, on the loopback, for as long as something is measured or tested on it."""

import contextlib
import shutil

from . import cluster, core


class Replica(cluster.Cluster):
    """A standby server of a cluster; read-only, and removed at the end."""

    def __init__(self, primary):
        super().__init__(f"{primary.name}_replica")
        self.primary = primary

    @contextlib.contextmanager
    def running(self):
        """Make it, start it, and remove it afterwards.

        :return: itself, with its ``port``
        """
        self._allow()
        self._copy()
        self.port = None
        self._start()
        try:
            yield self
        finally:
            self.stop("immediate")
            core.remove(self.data)
            self.settings_file.unlink(missing_ok=True)

    def _allow(self):
        """Let the role of the databases read the log of the primary, in a cluster from before all were made so.

        Only a superuser can say so, for which the server is stopped: nothing else may be going on in it.
        """
        primary = self.primary
        if primary.sql(f"SELECT rolreplication FROM pg_roles WHERE rolname = '{cluster.ROLE}'") == [["t"]]:
            return
        primary.stop()
        core.run(
            primary._as_owner([primary._bin("postgres"), "--single", "-D", primary.data, "postgres"]),
            log="replica-role",
            what="the database role could not be allowed to make a replica",
            stdin=f"ALTER ROLE {cluster.ROLE} REPLICATION\n",
            cwd="/",
        )
        primary.ensure()

    def _copy(self):
        primary = self.primary
        self.folder.mkdir(parents=True, exist_ok=True)
        data = primary.data.with_name(f"{primary.data.name}_replica")
        self.settings = {**primary.settings, "data": str(data), "port": cluster.free_port(self.name)}
        self.stop("immediate")  # of a run that was killed
        core.remove(data)
        data.mkdir(mode=0o700)
        if core.is_root():
            shutil.chown(data, primary.data.owner(), primary.data.group())
        self._save()
        password_file = self.folder / "pgpass"
        core.write(
            password_file,
            f"127.0.0.1:{primary.port}:*:{cluster.ROLE}:{primary.settings['password']}\n",
            mode=0o600,
        )
        if core.is_root():
            shutil.chown(password_file, primary.data.owner(), primary.data.group())
        with core.step(f"Making a replica of the PostgreSQL cluster `{primary.name}`") as step:
            connection = f"host=127.0.0.1 port={primary.port} user={cluster.ROLE} passfile={password_file}"
            command = [self._primary_program("pg_basebackup"), "-D", data, "-R", "-X", "stream", "-c", "fast"]
            core.run(
                primary._as_owner([*command, "--no-sync", "-d", connection]),
                log="replica",
                what="the replica could not be made",
                step=step,
                cwd="/",
            )

    def _primary_program(self, program):
        return self.primary._bin(program)
