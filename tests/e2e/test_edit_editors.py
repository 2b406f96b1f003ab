# SPDX-License-Identifier: MIT
"""Editors: whatever they do besides to be safe, a save is one write of one field."""

import ctypes
import mmap
import os
import subprocess

import pytest

from harness.programs import Terminal, environment, need, shell, succeeds

VIM = ["vim", "-u", "NONE", "-i", "NONE", "-N"]
SUBSTITUTE = "%s/Ghent/Namur/"


def vim(tmp_path, path, *commands: str, check: bool = True) -> subprocess.CompletedProcess:
    """Ex commands, one after another, without a terminal."""
    need("vim")
    arguments = [x for command in commands for x in ("-c", command)]
    done = subprocess.run([*VIM, "-es", *arguments, str(path)], cwd=tmp_path,
                          env=environment(tmp_path), stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=60)
    assert not check or done.returncode == 0, (done.stdout, done.stderr)
    return done


@pytest.mark.parametrize("swap", ["swapfile", "noswapfile"])
@pytest.mark.parametrize("writebackup", ["writebackup", "nowritebackup"])
@pytest.mark.parametrize("copy", ["yes", "no", "auto"])
def test_vim(desk, tmp_path, copy, writebackup, swap):
    desk = desk()
    vim(tmp_path, desk.path, f"set {swap} directory=. updatecount=1",
        f"set backupcopy={copy} {writebackup}", SUBSTITUTE, "preserve" if swap == "swapfile"
        else "echo", "write", "quit")
    desk.check_saved({"city": "Namur"})
    assert not os.path.lexists(desk.directory / f".{desk.number}.json.swp")


@pytest.mark.parametrize("copy", ["yes", "no", "auto"])
def test_vim_with_a_backup(desk, tmp_path, copy):
    desk = desk()
    backup = desk.directory / f"{desk.number}.json~"
    vim(tmp_path, desk.path, f"set backup backupcopy={copy} backupdir=.", SUBSTITUTE, "wq")
    desk.check_saved({"city": "Namur"}, left=[backup.name])
    assert backup.read_bytes() == desk.text
    backup.unlink()
    desk.check_saved({"city": "Namur"})


@pytest.mark.parametrize("copy", ["yes", "no"])
def test_vim_saves_again_and_again(desk, tmp_path, copy):
    """One session, three saves, each of what is new in it."""
    desk = desk()
    vim(tmp_path, desk.path, f"set backupcopy={copy}", SUBSTITUTE, "write",
        "%s/Namur/Liège/", "write", r'%s/"color": 3/"color": 4/', "write", "write", "quit")
    assert [change[3] for change in desk.tap.changes()] == [
        {"city": "Namur"}, {"city": "Liège"}, {"color": 4}]
    assert desk.changed() == {"city": "Liège", "color": 4}
    desk.check_shown()
    assert desk.others() == []


def test_vim_without_a_change(desk, tmp_path):
    desk = desk()
    vim(tmp_path, desk.path, "write", "write", "quit")
    desk.check_untouched()


@pytest.mark.parametrize("copy", ["yes", "no", "auto"])
def test_vim_hears_what_is_wrong(desk, tmp_path, copy):
    """And the record is as it was, whatever vim moved about before and after."""
    desk = desk()
    done = vim(tmp_path, desk.path, f"set backupcopy={copy}", 'silent! %s/"Ghent",/Ghent/',
               "write", "cquit 7", check=False)
    assert done.returncode != 0
    assert desk.tap.changes() == []
    assert desk.changed() == {}
    assert desk.path.read_bytes() == desk.text
    assert "Ghent" in desk.last_error()["message"]


def test_vim_on_a_terminal(desk, tmp_path):
    need("vim")
    desk = desk()
    terminal = Terminal([*VIM, "--cmd", "set directory=. updatecount=1", str(desk.path)],
                        tmp_path)
    terminal.wait_for(b"Ghent")
    terminal.press([":", f"{SUBSTITUTE}\r", "iX", "\x1b", "u", ":w\r", ":q\r"])
    assert terminal.end() == 0
    desk.check_saved({"city": "Namur"})
    assert not os.path.lexists(desk.directory / f".{desk.number}.json.swp")


def test_vim_warns_of_a_swap_file(desk, tmp_path):
    """Two editors on one mount know of each other as on a disk."""
    need("vim")
    desk = desk()
    first = Terminal([*VIM, "--cmd", "set directory=. updatecount=1", str(desk.path)], tmp_path)
    first.wait_for(b"Ghent")
    first.press(["iX\x1bu", ":preserve\r"])
    first.settle()
    second = Terminal([*VIM, "--cmd", "set directory=.", str(desk.path)], tmp_path)
    second.wait_for(b"ATTENTION")
    second.press(["q"])
    second.end()
    first.press([":q!\r"])
    assert first.end() == 0
    desk.check_untouched()


EMACS = {
    "as it is": "",
    "backup by copying": "(setq backup-by-copying t)",
    "no backup": "(setq make-backup-files nil)",
    "precious": "(setq file-precious-flag t make-backup-files nil)",
    "fsync": "(setq write-region-inhibit-fsync nil make-backup-files nil)",
    "no locks": "(setq create-lockfiles nil make-backup-files nil)",
    "numbered backups": "(setq version-control t)",
    "autosaved before": "(setq make-backup-files nil auto-save-default t)",
}


@pytest.mark.parametrize("how", EMACS)
def test_emacs(desk, tmp_path, how):
    need("emacs")
    desk = desk()
    autosave = "(do-auto-save)" if how == "autosaved before" else ""
    succeeds(f'''emacs --batch -Q --eval '{EMACS[how] or "t"}' --eval '(progn
        (find-file (getenv "FILE"))
        (while (search-forward "Ghent" nil t) (replace-match "Namur" t t))
        {autosave}
        (save-buffer))' ''', tmp_path, FILE=desk.path)
    left = {"as it is": ["~"], "backup by copying": ["~"], "no locks": [],
            "numbered backups": [".~1~"]}.get(how, [])
    names = [f"{desk.number}.json{suffix}" for suffix in left]
    desk.check_saved({"city": "Namur"}, left=names)
    for name in names:
        assert (desk.directory / name).read_bytes() == desk.text
    assert not os.path.lexists(desk.directory / f".#{desk.number}.json")
    assert not os.path.lexists(desk.directory / f"#{desk.number}.json#")


def test_emacs_saves_again_and_again(desk, tmp_path):
    need("emacs")
    desk = desk()
    succeeds('''emacs --batch -Q --eval '(progn
        (find-file (getenv "FILE"))
        (dolist (to (list "Namur" "Mons" "Spa"))
          (goto-char (point-min))
          (re-search-forward "\\"city\\": \\"\\\\([A-Za-z]*\\\\)\\"")
          (replace-match to t t nil 1)
          (save-buffer)))' ''', tmp_path, FILE=desk.path)
    assert [change[3]["city"] for change in desk.tap.changes()] == ["Namur", "Mons", "Spa"]
    assert desk.changed() == {"city": "Spa"}
    desk.check_shown()
    assert desk.others() == [f"{desk.number}.json~"]


@pytest.mark.parametrize("options", [[], ["-B"], ["-G"], ["-B", "-G"], ["-L"]],
                         ids=["plain", "backup", "lock", "backup and lock", "no newline"])
def test_nano(desk, tmp_path, options):
    need("nano")
    desk = desk()
    terminal = Terminal(["nano", "-I", *options, str(desk.path)], tmp_path)
    terminal.wait_for(b"Ghent")
    terminal.press(["\x1c", "Ghent\r", "Namur\r", "a", "\x0f", "\r", "\x18"])
    assert terminal.end() == 0
    left = [f"{desk.number}.json~"] if "-B" in options else []
    desk.check_saved({"city": "Namur"}, left=left)
    assert not os.path.lexists(desk.directory / f".{desk.number}.json.swp")


def test_nano_hears_what_is_wrong(desk, tmp_path):
    """And the user can go on in it, and save what is right."""
    need("nano")
    desk = desk()
    terminal = Terminal(["nano", "-I", str(desk.path)], tmp_path)
    terminal.wait_for(b"Ghent")
    terminal.press(["\x1c", '"Ghent"\r', "Namur\r", "a", "\x0f", "\r"])
    terminal.wait_for(b"Error writing")
    assert desk.tap.changes() == []
    terminal.press(["\x1c", "Namur\r", '"Namur"\r', "a", "\x0f", "\r"])
    terminal.settle()
    terminal.press(["\x18"])
    assert terminal.end() == 0
    assert desk.tap.changes() == [("res.partner", "write", [desk.number], {"city": "Namur"})]


# Python, and editors whose sequence of calls is replayed

def whole(fd: int, text: bytes) -> None:
    while text:
        text = text[os.write(fd, text):]


def python_w(path, text):
    with open(path, "wb") as file:
        file.write(text)


def python_r_plus(path, text):
    with open(path, "r+b") as file:
        file.read()
        file.seek(0)
        file.write(text)
        file.truncate()


def python_part(path, text):
    with open(path, "r+b", buffering=0) as file:
        file.seek(text.index(b"Namur"))
        file.write(b"Namur")


def python_byte_by_byte(path, text):
    with open(path, "wb", buffering=0) as file:
        for n in range(len(text)):
            file.write(text[n:n + 1])


def python_backwards(path, text):
    with open(path, "r+b", buffering=0) as file:
        file.truncate(len(text))
        for n in range(len(text) - 1, -1, -1):
            os.pwrite(file.fileno(), text[n:n + 1], n)


def python_fsync(path, text):
    """What is on the server by fsync isn't sent again by close."""
    with open(path, "wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def python_fdatasync_dup(path, text):
    with open(path, "wb") as file:
        file.write(text)
        file.flush()
        os.close(os.dup(file.fileno()))
        os.fdatasync(file.fileno())


def truncate_by_path(path, text):
    os.truncate(path, 0)
    with open(path, "r+b") as file:
        file.write(text)


def mapped(path, text):
    with open(path, "r+b") as file:
        with mmap.mmap(file.fileno(), 0) as memory:
            memory[:] = text


def mapped_and_synced(path, text):
    with open(path, "r+b") as file:
        with mmap.mmap(file.fileno(), 0) as memory:
            memory[text.index(b"Namur"):][:5]
            at = text.index(b"Namur")
            memory[at:at + 5] = b"Namur"
            memory.flush()


def vs_code(path, text):
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
    whole(fd, text)
    os.fdatasync(fd)
    os.close(fd)


def vs_code_in_two_steps(path, text):
    """As it writes files that it must not create anew."""
    fd = os.open(path, os.O_RDWR)
    os.ftruncate(fd, 0)
    os.close(fd)
    fd = os.open(path, os.O_RDWR)
    whole(fd, text)
    os.fsync(fd)
    os.close(fd)


def beside_and_renamed(temporary, text, path, sync=True):
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    whole(fd, text)
    if sync:
        os.fsync(fd)
    os.fchmod(fd, 0o644)
    os.close(fd)
    os.rename(temporary, path)


def vs_code_atomic(path, text):
    beside_and_renamed(path.with_name(f"{path.name}.vsctmp"), text, path)


def gnome(path, text):
    beside_and_renamed(path.with_name(".goutputstream-XK2LM1"), text, path)


def kde(path, text):
    beside_and_renamed(path.with_name(f"{path.name}.Jq7bRT"), text, path)


def npm(path, text):
    beside_and_renamed(path.with_name(f"{path.name}.1193046"), text, path, sync=False)


def micro(path, text):
    """A backup of its own elsewhere, the file in place."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
    whole(fd, text)
    os.fsync(fd)
    os.close(fd)
    os.utime(path)


def jetbrains(path, text):
    new = path.with_name(f"{path.name}___jb_tmp___")
    old = path.with_name(f"{path.name}___jb_old___")
    beside_and_renamed(new, text, new)
    os.rename(path, old)
    os.rename(new, path)
    os.unlink(old)


def textmate(path, text):
    """The old one out of the way, the new one under its name, the old one removed."""
    old = path.with_name(f".{path.name}.old")
    os.rename(path, old)
    with open(path, "xb") as file:
        file.write(text)
    os.unlink(old)


def kakoune(path, text):
    beside_and_renamed(path.with_name(f".{path.name}.kak.8Zt0aF"), text, path)


def linked_backup(path, text):
    """Some keep the old one by a hard link, and go on without it."""
    with pytest.raises(PermissionError):
        os.link(path, path.with_name(f"{path.name}~"))
    python_w(path, text)


REPLAYED = [python_w, python_r_plus, python_part, python_byte_by_byte, python_backwards,
            python_fsync, python_fdatasync_dup, truncate_by_path, mapped, mapped_and_synced,
            vs_code, vs_code_in_two_steps, vs_code_atomic, gnome, kde, npm, micro, jetbrains,
            textmate, kakoune, linked_backup]


@pytest.mark.parametrize("save", REPLAYED, ids=lambda save: save.__name__)
def test_replayed(desk, save):
    desk = desk()
    save(desk.path, desk.edited(city="Namur"))
    desk.check_saved({"city": "Namur"})


@pytest.mark.parametrize("save", REPLAYED, ids=lambda save: save.__name__)
def test_replayed_without_a_change(desk, save):
    desk = desk()
    text = desk.text.replace(b"Ghent", b"Namur")
    desk.rpc.call("res.partner", "write", [desk.number], {"city": "Namur"})
    desk.tree.refresh("res.partner")
    desk.before, desk.text = desk.on_server(), desk.path.read_bytes()
    desk.tap.clear()
    assert len(text) == len(desk.text)
    save(desk.path, desk.text)
    desk.check_untouched()


def libc_mmap(path, at: int, data: bytes) -> None:
    """A mapping that outlives its file descriptor, as C programs keep it; synced by msync."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mmap.restype = ctypes.c_void_p
    libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + [ctypes.c_int] * 3 + [
        ctypes.c_long]
    libc.msync.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
    size = os.stat(path).st_size
    fd = os.open(path, os.O_RDWR)
    address = libc.mmap(None, size, mmap.PROT_READ | mmap.PROT_WRITE, mmap.MAP_SHARED, fd, 0)
    assert address != ctypes.c_void_p(-1).value
    os.close(fd)
    ctypes.memmove(address + at, data, len(data))
    assert libc.msync(address, size, 4) == 0  # MS_SYNC
    assert libc.munmap(address, size) == 0


def test_mapping_that_outlives_its_file(desk):
    desk = desk()
    libc_mmap(desk.path, desk.text.index(b"Ghent"), b"Namur")
    desk.check_saved({"city": "Namur"})


def test_a_reader_keeps_what_it_opened(desk):
    """While somebody writes, and after."""
    desk = desk()
    with open(desk.path, "rb", buffering=0) as reader:
        first = reader.read(20)
        with open(desk.path, "r+b") as writer:
            writer.write(desk.edited(city="Namur"))
        assert first + reader.read() == desk.text
        reader.seek(0)
        assert reader.read() == desk.text
    desk.check_saved({"city": "Namur"})


def test_shell_tools_agree_while_it_is_open(desk, tmp_path):
    """Who opens what is being written reads what is written so far."""
    desk = desk()
    text = desk.edited(city="Namur")
    with open(desk.path, "r+b", buffering=0) as writer:
        writer.write(text)
        assert shell('cat "$FILE"', tmp_path, FILE=desk.path).stdout == text
    desk.check_saved({"city": "Namur"})
