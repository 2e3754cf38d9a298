package kernelspec

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image/png"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func program(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(path, []byte(content), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func ourSpec(name string) Spec {
	return Spec{Name: name, DisplayName: "Go <test>", Args: []string{"kernel", "run", "{connection_file}"}, Message: true}
}

func TestInstall(t *testing.T) {
	data := filepath.Join(t.TempDir(), "share", "jupyter")
	dir, err := Install(data, ourSpec("lowrankgo"), program(t, "first"))
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(data, "kernels", "lowrankgo"); dir != want {
		t.Errorf("folder %s, want %s", dir, want)
	}
	k, err := read(dir)
	if err != nil {
		t.Fatal(err)
	}
	if k.DisplayName != "Go <test>" || k.Language != "go" || k.InterruptMode != "message" || k.Env == nil || len(k.Argv) != 4 || k.Argv[3] != "{connection_file}" {
		t.Errorf("%+v", k)
	}
	if !filepath.IsAbs(k.Argv[0]) || filepath.Dir(k.Argv[0]) != dir {
		t.Errorf("the program %s is not in the kernel's folder", k.Argv[0])
	}
	info, err := os.Stat(k.Argv[0])
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o111 == 0 {
		t.Errorf("the program's mode is %v", info.Mode())
	}
	if b, err := os.ReadFile(k.Argv[0]); err != nil || string(b) != "first" {
		t.Errorf("the program is %q, %v", b, err)
	}
}

func TestInstallReplacesItsOwn(t *testing.T) {
	data := t.TempDir()
	for _, content := range []string{"first", "second"} {
		dir, err := Install(data, ourSpec("k"), program(t, content))
		if err != nil {
			t.Fatal(err)
		}
		k, err := read(dir)
		if err != nil {
			t.Fatal(err)
		}
		if b, err := os.ReadFile(k.Argv[0]); err != nil || string(b) != content {
			t.Errorf("the program is %q, want %q (%v)", b, content, err)
		}
	}
	entries, err := os.ReadDir(filepath.Join(data, "kernels"))
	if err != nil || len(entries) != 1 {
		t.Errorf("%v is left, %v", entries, err)
	}
}

func TestInstallRefuses(t *testing.T) {
	data := t.TempDir()
	foreign := filepath.Join(data, "kernels", "python3")
	if err := os.MkdirAll(foreign, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(foreign, "kernel.json"), []byte(`{"argv":["python"],"metadata":{}}`), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Install(data, ourSpec("python3"), program(t, "x")); err == nil || !strings.Contains(err.Error(), foreign) {
		t.Errorf("over a foreign kernel: %v", err)
	}
	for _, name := range []string{"", "Upper", "a b", "../x", "a/b", ".hidden", "-x", strings.Repeat("x", 65)} {
		if _, err := Install(data, ourSpec(name), program(t, "x")); err == nil || !strings.Contains(err.Error(), "kernel name") {
			t.Errorf("name %q: %v", name, err)
		}
	}
	if _, err := Install(data, ourSpec("k"), filepath.Join(data, "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("without a program: %v", err)
	}
	if _, err := Install(program(t, "a file"), ourSpec("k"), program(t, "x")); err == nil {
		t.Error("below a file: no error")
	}
	entries, _ := os.ReadDir(filepath.Join(data, "kernels"))
	if len(entries) != 1 {
		t.Errorf("%v is left", entries)
	}
}

func TestListAndUninstall(t *testing.T) {
	one, two := t.TempDir(), t.TempDir()
	for _, d := range []string{one, two} {
		if _, err := Install(d, ourSpec("shared"), program(t, "x")); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Install(two, ourSpec("second"), program(t, "x")); err != nil {
		t.Fatal(err)
	}
	foreign := filepath.Join(two, "kernels", "foreign")
	if err := os.MkdirAll(foreign, 0o755); err != nil {
		t.Fatal(err)
	}
	dirs := []string{one, filepath.Join(one, "none"), two}
	var names []string
	for _, k := range List(dirs) {
		names = append(names, k.Name)
		if k.DisplayName != "Go <test>" {
			t.Errorf("%+v", k)
		}
	}
	if strings.Join(names, " ") != "shared second shared" {
		t.Errorf("listed %q", names)
	}
	if removed, err := Uninstall(dirs, "shared"); err != nil || len(removed) != 2 {
		t.Errorf("removed %q, %v", removed, err)
	}
	if removed, err := Uninstall(dirs, "shared"); err == nil || len(removed) != 0 {
		t.Errorf("a second time: %q, %v", removed, err)
	}
	if _, err := Uninstall(dirs, "foreign"); err == nil || !strings.Contains(err.Error(), foreign) {
		t.Errorf("a foreign kernel: %v", err)
	}
	if _, err := os.Stat(foreign); err != nil {
		t.Errorf("the foreign kernel is gone: %v", err)
	}
	if _, err := Uninstall(dirs, "../kernels"); err == nil {
		t.Error("a path was accepted as a name")
	}
	if got := List(dirs); len(got) != 1 || got[0].Name != "second" {
		t.Errorf("left %+v", got)
	}
}

func TestUserDir(t *testing.T) {
	home := func() (string, error) { return "home", nil }
	homeless := func() (string, error) { return "", errors.New("no home") }
	for _, tc := range []struct {
		goos string
		env  map[string]string
		home func() (string, error)
		want string
	}{
		{"linux", nil, home, filepath.Join("home", ".local", "share", "jupyter")},
		{"linux", map[string]string{"XDG_DATA_HOME": "xdg"}, home, filepath.Join("xdg", "jupyter")},
		{"linux", map[string]string{"JUPYTER_DATA_DIR": "own", "XDG_DATA_HOME": "xdg"}, homeless, "own"},
		{"darwin", map[string]string{"XDG_DATA_HOME": "xdg"}, home, filepath.Join("home", "Library", "Jupyter")},
		{"windows", map[string]string{"APPDATA": "roaming"}, homeless, filepath.Join("roaming", "jupyter")},
		{"windows", nil, home, filepath.Join("home", "AppData", "Roaming", "jupyter")},
		{"linux", nil, homeless, ""},
	} {
		got, err := userDir(tc.goos, func(k string) string { return tc.env[k] }, tc.home)
		if got != tc.want || (err == nil) != (tc.want != "") {
			t.Errorf("%s %v: %q, %v; want %q", tc.goos, tc.env, got, err, tc.want)
		}
	}
}

func TestSysPrefix(t *testing.T) {
	t.Setenv("VIRTUAL_ENV", "venv")
	t.Setenv("CONDA_PREFIX", "conda")
	if got, err := SysPrefix(); err != nil || got != "venv" {
		t.Errorf("%q, %v", got, err)
	}
	t.Setenv("VIRTUAL_ENV", "")
	if got, err := SysPrefix(); err != nil || got != "conda" {
		t.Errorf("%q, %v", got, err)
	}
	t.Setenv("CONDA_PREFIX", "")
	t.Setenv("PATH", t.TempDir())
	if got, err := SysPrefix(); err == nil || !strings.Contains(err.Error(), "--prefix") {
		t.Errorf("%q, %v", got, err)
	}
}

func TestSysPrefixFromPath(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("needs a shell script")
	}
	prefix := t.TempDir()
	bin := filepath.Join(prefix, "bin")
	if err := os.Mkdir(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("VIRTUAL_ENV", "")
	t.Setenv("CONDA_PREFIX", "")
	t.Setenv("PATH", bin)
	script := func(name, text string) {
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"+text+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	script("jupyter", "exit 0")
	resolvedPrefix, err := filepath.EvalSymlinks(prefix)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := SysPrefix(); err != nil || got != resolvedPrefix {
		t.Errorf("by jupyter: %q, %v; want %q", got, err, resolvedPrefix)
	}
	script("python3", "echo /opt/python")
	if got, err := SysPrefix(); err != nil || got != "/opt/python" {
		t.Errorf("by python3: %q, %v", got, err)
	}
}

func TestSearchDirs(t *testing.T) {
	t.Setenv("JUPYTER_PATH", strings.Join([]string{"a", "b", "a"}, string(os.PathListSeparator)))
	t.Setenv("JUPYTER_DATA_DIR", "user")
	t.Setenv("VIRTUAL_ENV", "venv")
	got := SearchDirs()
	want := []string{"a", "b", "user", filepath.Join("venv", "share", "jupyter")}
	if len(got) < len(want) || strings.Join(got[:len(want)], "|") != strings.Join(want, "|") {
		t.Errorf("%q, want %q first", got, want)
	}
}

func TestLogos(t *testing.T) {
	files := logos()
	for name, side := range map[string]int{"logo-32x32.png": 32, "logo-64x64.png": 64} {
		img, err := png.Decode(bytes.NewReader(files[name]))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if b := img.Bounds(); b.Dx() != side || b.Dy() != side {
			t.Errorf("%s is %v", name, b)
		}
		if _, _, _, a := img.At(0, 0).RGBA(); a != 0 {
			t.Errorf("%s: the corner is not transparent", name)
		}
		if r, g, b, _ := img.At(side*14/64, side*40/64).RGBA(); r>>8 != 255 || g>>8 != 255 || b>>8 != 255 {
			t.Errorf("%s: U is not white", name)
		}
	}
	if err := xml.Unmarshal(files["logo-svg.svg"], new(struct{})); err != nil {
		t.Error(err)
	}
	if hex(logoGround) != "#0b4f6c" {
		t.Errorf("colour %s", hex(logoGround))
	}
}
