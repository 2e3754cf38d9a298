package main

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestKernelInstallListUninstall(t *testing.T) {
	prefix := t.TempDir()
	t.Setenv("JUPYTER_DATA_DIR", filepath.Join(prefix, "user"))
	t.Setenv("VIRTUAL_ENV", filepath.Join(prefix, "venv"))
	places := []struct {
		args []string
		dir  string
	}{
		{nil, filepath.Join(prefix, "user", "kernels")},
		{[]string{"--sys-prefix"}, filepath.Join(prefix, "venv", "share", "jupyter", "kernels")},
		{[]string{"--prefix", filepath.Join(prefix, "own")}, filepath.Join(prefix, "own", "share", "jupyter", "kernels")},
	}
	for _, p := range places {
		dir := filepath.Join(p.dir, ourKernel)
		code, stdout, stderr := lowrank(t, append([]string{"kernel", "install"}, p.args...)...)
		if code != exitOK {
			t.Fatalf("%q: exit %d: %s", p.args, code, stderr)
		}
		mustContain(t, "install", stdout, dir)
		if _, err := os.Stat(filepath.Join(dir, "kernel.json")); err != nil {
			t.Error(err)
		}
		code, stdout, _ = lowrank(t, append([]string{"kernel", "list"}, p.args...)...)
		if code != exitOK {
			t.Errorf("list: exit %d", code)
		}
		mustContain(t, "list", stdout, ourKernel, ourDisplay, dir)
	}
	code, stdout, _ := lowrank(t, "kernel", "uninstall", ourKernel)
	if code != exitOK || strings.Count(stdout, "Removed") != 2 {
		t.Errorf("uninstall: exit %d, %s", code, stdout)
	}
	code, _, stderr := lowrank(t, "kernel", "uninstall", ourKernel)
	if code != exitFailed || !strings.Contains(stderr, `no kernel "lowrankgo"`) {
		t.Errorf("uninstall again: exit %d, %s", code, stderr)
	}
	code, stdout, _ = lowrank(t, "kernel", "list", "--user")
	if code != exitOK || !strings.Contains(stdout, "lowrank kernel install") {
		t.Errorf("an empty list: exit %d, %s", code, stdout)
	}
}

func TestKernelInstallNamed(t *testing.T) {
	prefix := t.TempDir()
	code, stdout, stderr := lowrank(t, "kernel", "install", "--prefix", prefix, "--name", "mine")
	if code != exitOK {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	mustContain(t, "install", stdout, "Installed the kernel mine in "+filepath.Join(prefix, "share", "jupyter", "kernels", "mine"))
	if code, _, stderr := lowrank(t, "kernel", "uninstall", "--prefix", prefix, "mine"); code != exitOK {
		t.Errorf("uninstall: exit %d: %s", code, stderr)
	}
}

func TestKernelRunRefusesWhatIsNoConnectionFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "none.json")
	code, _, stderr := lowrank(t, "kernel", "run", file)
	if code != exitFailed || !strings.Contains(stderr, file) {
		t.Errorf("exit %d: %s", code, stderr)
	}
	if code, _, stderr := lowrank(t, "kernel", "run", "--engine", "basic", file); code != exitUsage {
		t.Errorf("an unknown engine: exit %d: %s", code, stderr)
	}
}

func TestGophernotesNeedsGo(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	code, _, stderr := lowrank(t, "kernel", "install", "--gophernotes", "--prefix", t.TempDir())
	if code != exitFailed {
		t.Errorf("exit %d", code)
	}
	mustContain(t, "stderr", stderr, `the "go" command, which is not on PATH`)
}

func TestLabWithoutJupyterLab(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	code, _, stderr := lowrank(t, "lab")
	if code != exitFailed {
		t.Errorf("exit %d", code)
	}
	mustContain(t, "stderr", stderr, "python3 -m pip install jupyterlab", "lowrank reproduce")
}

// fakeJupyter puts a jupyter on PATH that tells how it was called.
func fakeJupyter(t *testing.T) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("needs a shell script")
	}
	bin := t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "jupyter"), []byte("#!/bin/sh\necho called: \"$@\" in \"$PWD\"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin)
}

func TestLabInTheCheckout(t *testing.T) {
	fakeJupyter(t)
	data := t.TempDir()
	t.Setenv("JUPYTER_DATA_DIR", data)
	t.Setenv("VIRTUAL_ENV", filepath.Join(data, "venv"))
	code, stdout, stderr := lowrank(t, "lab", "--", "--no-browser", "--port", "9000")
	if code != exitOK {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	root := checkout()
	mustContain(t, "stdout", stdout, "called: lab --no-browser --port 9000 in "+filepath.Join(root, "notebooks"))
	mustContain(t, "stderr", stderr, "Installed the kernel")
	if _, err := os.Stat(filepath.Join(data, "kernels", ourKernel, "kernel.json")); err != nil {
		t.Error(err)
	}
	if _, _, stderr := lowrank(t, "lab"); strings.Contains(stderr, "Installed") {
		t.Error("the kernel was installed again")
	}
}

func TestLabOutsideCopiesButNeverOverwrites(t *testing.T) {
	fakeJupyter(t)
	dir := t.TempDir()
	t.Setenv("JUPYTER_DATA_DIR", filepath.Join(dir, "data"))
	t.Setenv("VIRTUAL_ENV", filepath.Join(dir, "venv"))
	t.Chdir(dir)
	if err := os.Mkdir(labFolder, 0o755); err != nil {
		t.Fatal(err)
	}
	c, err := openCatalog("")
	if err != nil {
		t.Fatal(err)
	}
	mine := filepath.Join(labFolder, c.names[0]+".ipynb")
	if err := os.WriteFile(mine, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	code, _, stderr := lowrank(t, "lab")
	if code != exitOK {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	if b, err := os.ReadFile(mine); err != nil || string(b) != "mine" {
		t.Errorf("the file that was there is now %.20q, %v", b, err)
	}
	for _, name := range c.names[1:] {
		if _, err := os.Stat(filepath.Join(labFolder, name+".ipynb")); err != nil {
			t.Error(err)
		}
	}
}
