"""What `cmake --install` and `cpack` put where: it runs from there, and an operator's changes outlive an upgrade."""
import os
import subprocess

from program import CONFIG, PROGRAM, Directory, check

BUILD = os.path.dirname(PROGRAM)


def shipped():
    return sorted(os.path.relpath(os.path.join(folder, name), CONFIG) for folder, _, names in os.walk(CONFIG)
                  for name in names if name.endswith(".toml"))


def output_of(*command, **how):
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, **how)
    check(done.returncode == 0, f"{command}: {done.stdout}{done.stderr}")
    return done.stdout


with Directory() as directory:
    output_of("cmake", "--install", BUILD, "--strip", env={**os.environ, "DESTDIR": directory.path})
    config = directory.file("etc/dun")
    for name in shipped():
        check(os.path.isfile(os.path.join(config, name)), f"{name} is not installed")
    installed = directory.file("usr/bin/dun")
    output_of(installed, "check", "--without-secrets", "--config", config, cwd="/")
    check(os.path.isfile(directory.file("usr/share/doc/dun/docs/contract.md")), "the documents are not installed")

    output_of("cpack", "--config", os.path.join(BUILD, "CPackConfig.cmake"), "-B", directory.file("package"))
    package, = [name for name in os.listdir(directory.file("package")) if name.endswith(".deb")]
    package = directory.file("package/" + package)
    listed = output_of("dpkg-deb", "--contents", package)
    check("./usr/bin/dun\n" in listed, listed)
    conffiles = output_of("dpkg-deb", "--info", package, "conffiles").split()
    check(sorted(conffiles) == [f"/etc/dun/{name}" for name in shipped()], f"conffiles are {conffiles}")
    depends = output_of("dpkg-deb", "--field", package, "Depends")
    check("libcurl4" in depends and "tzdata" in depends, f"depends on {depends}")
