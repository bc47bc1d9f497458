"""Where the peers' programs are: the scratch environment for Python, the unpacked Debian packages, the PATH."""
import os
import subprocess

from processes import Missing


class Tools:
    def __init__(self, scratch):
        self.python = os.path.join(scratch, "python", "bin", "python")
        self.root = os.path.join(scratch, "root")

    def program(self, name):
        return os.path.join(os.path.dirname(self.python), name)

    def python_version(self, package):
        ask = f"import importlib.metadata as m; print(m.version('{package}'))"
        return self.output([self.python, "-c", ask], f"pip: {package}")

    def output(self, command, source):
        """The output of a command that says a version. `source` says where the program comes from."""
        try:
            answer = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
        except (OSError, subprocess.SubprocessError):
            raise Missing(f"not installed ({source})") from None
        return answer.stdout.strip()

    def libraries(self):
        """The folders of the unpacked shared libraries, for LD_LIBRARY_PATH."""
        folders = {folder for folder, _, files in os.walk(self.root) if any(".so" in name for name in files)}
        return ":".join(sorted(folders))
