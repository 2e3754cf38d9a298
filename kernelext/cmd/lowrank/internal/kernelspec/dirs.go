package kernelspec

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// UserDir is Jupyter's data folder of this user: JUPYTER_DATA_DIR, else
// ~/Library/Jupyter on macOS, %APPDATA%\jupyter on Windows, and
// $XDG_DATA_HOME/jupyter or ~/.local/share/jupyter elsewhere.
func UserDir() (string, error) { return userDir(runtime.GOOS, os.Getenv, os.UserHomeDir) }

func userDir(goos string, env func(string) string, home func() (string, error)) (string, error) {
	if d := env("JUPYTER_DATA_DIR"); d != "" {
		return d, nil
	}
	if goos == "windows" {
		if d := env("APPDATA"); d != "" {
			return filepath.Join(d, "jupyter"), nil
		}
	}
	if d := env("XDG_DATA_HOME"); d != "" && goos != "darwin" && goos != "windows" {
		return filepath.Join(d, "jupyter"), nil
	}
	h, err := home()
	if err != nil {
		return "", errors.New("this user has no home, and so no data folder of Jupyter is known; set JUPYTER_DATA_DIR or use --prefix")
	}
	switch goos {
	case "darwin":
		return filepath.Join(h, "Library", "Jupyter"), nil
	case "windows":
		return filepath.Join(h, "AppData", "Roaming", "jupyter"), nil
	}
	return filepath.Join(h, ".local", "share", "jupyter"), nil
}

// PrefixDir is Jupyter's data folder of an installation in prefix.
func PrefixDir(prefix string) string { return filepath.Join(prefix, "share", "jupyter") }

// SysPrefix is the prefix of the Python environment in use: VIRTUAL_ENV, else
// CONDA_PREFIX, else what the python3 on PATH says, else the place of the
// jupyter on PATH.
func SysPrefix() (string, error) {
	for _, name := range []string{"VIRTUAL_ENV", "CONDA_PREFIX"} {
		if d := os.Getenv(name); d != "" {
			return d, nil
		}
	}
	for _, python := range []string{"python3", "python"} {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		out, err := exec.CommandContext(ctx, python, "-c", "import sys; print(sys.prefix)").Output()
		cancel()
		if d := strings.TrimSpace(string(out)); err == nil && d != "" {
			return d, nil
		}
	}
	if p, err := exec.LookPath("jupyter"); err == nil {
		if p, err = filepath.EvalSymlinks(p); err == nil {
			return filepath.Dir(filepath.Dir(p)), nil
		}
	}
	return "", errors.New("no Python environment found: VIRTUAL_ENV and CONDA_PREFIX are not set, and neither python3 nor jupyter is on PATH; use --user or --prefix DIR")
}

// SearchDirs are the data folders in which Jupyter looks for kernels on this
// machine, as far as they are known without asking it.
func SearchDirs() []string {
	dirs := filepath.SplitList(os.Getenv("JUPYTER_PATH"))
	if d, err := UserDir(); err == nil {
		dirs = append(dirs, d)
	}
	if p, err := SysPrefix(); err == nil {
		dirs = append(dirs, PrefixDir(p))
	}
	if runtime.GOOS == "windows" {
		if d := os.Getenv("PROGRAMDATA"); d != "" {
			dirs = append(dirs, filepath.Join(d, "jupyter"))
		}
	} else {
		dirs = append(dirs, "/usr/local/share/jupyter", "/usr/share/jupyter")
	}
	var unique []string
	for _, d := range dirs {
		if d != "" && !slices.Contains(unique, d) {
			unique = append(unique, d)
		}
	}
	return unique
}
