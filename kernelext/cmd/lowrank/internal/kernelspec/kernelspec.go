// Package kernelspec registers kernels with Jupyter: folders below
// DATADIR/kernels, each with a kernel.json, logos and a copy of the kernel's
// program. It removes only what it wrote.
package kernelspec

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"

	"github.com/lowrankgo/lowrank/kernelext/notebook"
)

// Spec describes a kernel to register.
type Spec struct {
	Name        string            // folder name; a–z 0–9 . _ -
	DisplayName string            // what Jupyter shows
	Args        []string          // behind the program in argv, with {connection_file}
	Env         map[string]string // added to the kernel's environment
	Message     bool              // Jupyter interrupts by message instead of by signal
}

// mark is the metadata by which a kernelspec is known as ours.
const mark = "lowrankgo"

// kernelJSON is the file kernel.json.
type kernelJSON struct {
	Argv          []string          `json:"argv"`
	DisplayName   string            `json:"display_name"`
	Language      string            `json:"language"`
	InterruptMode string            `json:"interrupt_mode"`
	Env           map[string]string `json:"env"`
	Metadata      map[string]any    `json:"metadata"`
}

var validName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]*$`)

// CheckName refuses names that Jupyter does not accept, or would change.
func CheckName(name string) error {
	if !validName.MatchString(name) || len(name) > 64 {
		return fmt.Errorf("kernel name %q: accepted are up to 64 of a–z, 0–9, '.', '_' and '-', the first a letter or a digit", name)
	}
	return nil
}

// Install registers s below dataDir with a copy of the program at binary and
// returns the kernel's folder. A folder of that name that this package did not
// write is an error; one that it wrote is replaced at once.
func Install(dataDir string, s Spec, binary string) (string, error) {
	if err := CheckName(s.Name); err != nil {
		return "", err
	}
	kernels, err := filepath.Abs(filepath.Join(dataDir, "kernels"))
	if err != nil {
		return "", err
	}
	dir := filepath.Join(kernels, s.Name)
	if _, err := os.Lstat(dir); err == nil && !Ours(dir) {
		return "", fmt.Errorf("%s was not installed by lowrank and stays as it is; choose another name", dir)
	}
	if err := os.MkdirAll(kernels, 0o755); err != nil {
		return "", fmt.Errorf("the folder of kernels cannot be made: %w", err)
	}
	work, err := os.MkdirTemp(kernels, "."+s.Name+".*.tmp")
	if err != nil {
		return "", fmt.Errorf("the folder of kernels cannot be written: %w", err)
	}
	defer os.RemoveAll(work)
	if err := fill(work, dir, s, binary); err != nil {
		return "", err
	}
	return dir, swap(work, dir)
}

// fill writes the kernel that will stand in dir into the folder work.
func fill(work, dir string, s Spec, binary string) error {
	if err := os.Chmod(work, 0o755); err != nil {
		return err
	}
	program := s.Name
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	if err := copyProgram(filepath.Join(work, program), binary); err != nil {
		return err
	}
	mode := "signal"
	if s.Message {
		mode = "message"
	}
	env := s.Env
	if env == nil {
		env = map[string]string{}
	}
	text, err := json.MarshalIndent(kernelJSON{
		Argv: append([]string{filepath.Join(dir, program)}, s.Args...), DisplayName: s.DisplayName, Language: "go",
		InterruptMode: mode, Env: env, Metadata: map[string]any{mark: map[string]any{"installed_by": "lowrank"}},
	}, "", " ")
	if err != nil {
		return err
	}
	if err := notebook.WriteFile(filepath.Join(work, "kernel.json"), append(text, '\n')); err != nil {
		return err
	}
	for name, content := range logos() {
		if err := notebook.WriteFile(filepath.Join(work, name), content); err != nil {
			return err
		}
	}
	return nil
}

// swap puts the folder work in the place of dir.
func swap(work, dir string) error {
	old := work + ".old"
	err := os.Rename(dir, old)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the kernel that is there cannot be replaced: %w", err)
	}
	defer os.RemoveAll(old)
	if err := os.Rename(work, dir); err != nil {
		_ = os.Rename(old, dir) // whatever was there is better than nothing
		return err
	}
	return nil
}

func copyProgram(dst, src string) (err error) {
	in, err := os.Open(src)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(dst, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o755)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	_, err = io.Copy(out, in)
	return err
}

// Ours reports whether this package wrote the kernel in dir.
func Ours(dir string) bool {
	k, err := read(dir)
	if err != nil {
		return false
	}
	m, ok := k.Metadata[mark].(map[string]any)
	return ok && m["installed_by"] == "lowrank"
}

func read(dir string) (kernelJSON, error) {
	var k kernelJSON
	b, err := os.ReadFile(filepath.Join(dir, "kernel.json"))
	if err == nil {
		err = json.Unmarshal(b, &k)
	}
	return k, err
}

// Installed is a kernel that this package wrote.
type Installed struct{ Name, DisplayName, Dir string }

// List finds the kernels that this package wrote below the given folders.
func List(dataDirs []string) []Installed {
	var list []Installed
	for _, d := range dataDirs {
		entries, err := os.ReadDir(filepath.Join(d, "kernels"))
		if err != nil {
			continue // a folder that is not there has no kernels
		}
		for _, e := range entries {
			dir := filepath.Join(d, "kernels", e.Name())
			if CheckName(e.Name()) != nil || !Ours(dir) {
				continue
			}
			if k, err := read(dir); err == nil {
				list = append(list, Installed{e.Name(), k.DisplayName, dir})
			}
		}
	}
	return list
}

// Uninstall removes the kernel name from each of the folders that has it and returns
// what it removed. A kernel that this package did not write is an error and
// stays, and so is a name that is nowhere.
func Uninstall(dataDirs []string, name string) ([]string, error) {
	if err := CheckName(name); err != nil {
		return nil, err
	}
	var removed []string
	for _, d := range dataDirs {
		dir := filepath.Join(d, "kernels", name)
		if _, err := os.Lstat(dir); err != nil {
			continue
		}
		if !Ours(dir) {
			return removed, fmt.Errorf("%s was not installed by lowrank and stays; \"jupyter kernelspec remove %s\" removes it", dir, name)
		}
		if err := os.RemoveAll(dir); err != nil {
			return removed, err
		}
		removed = append(removed, dir)
	}
	if len(removed) == 0 {
		return nil, fmt.Errorf("there is no kernel %q that lowrank installed", name)
	}
	return removed, nil
}
