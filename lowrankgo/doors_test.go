package lowrankgo_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/lowrankgo/lowrank/"

// doors says which packages of this module a room may import, by the longest
// prefix that fits; a trailing "/" on the right lets a whole subtree in. It is
// the table of docs/ARCHITECTURE.md.
var doors = map[string][]string{
	"lowrankgo":             {"lowrankgo/internal/"},
	"lowrankgo/internal":    {"lowrankgo/internal/"},
	"lowrankgo/operator":    {"lowrankgo", "lowrankgo/internal/"},
	"lowrankgo/sparse":      {"lowrankgo", "lowrankgo/internal/"},
	"lowrankgo/problem":     {"lowrankgo", "lowrankgo/operator", "lowrankgo/sparse", "lowrankgo/internal/"},
	"lowrankgo/initial":     {"lowrankgo", "lowrankgo/internal/"},
	"lowrankgo/solver":      {"lowrankgo", "lowrankgo/internal/"},
	"lowrankgo/tune":        {"lowrankgo", "lowrankgo/internal/"},
	"lowrankgo/landscape":   {"lowrankgo", "lowrankgo/internal/"},
	"lowrankgo/theory":      {"lowrankgo", "lowrankgo/landscape", "lowrankgo/operator", "lowrankgo/problem", "lowrankgo/sparse", "lowrankgo/initial", "lowrankgo/solver"},
	"lowrankgo/lowranktest": {"lowrankgo", "lowrankgo/internal/"},
	"datasets":              {"datasets/internal/"},
	"datasets/internal":     {},
	"notebooks":             {},
	"kernelext/show":        {"lowrankgo", "lowrankgo/landscape"},
	"kernelext/engine":      {"kernelext/show", "kernelext/engine", "kernelext/engine/", "kernelext/bindings/"},
	"kernelext/bindings":    {"lowrankgo", "lowrankgo/", "datasets", "kernelext/show", "kernelext/bindings/"},
	"kernelext/jupyter":     {"kernelext/show", "kernelext/engine"},
	"kernelext/notebook":    {"kernelext/show", "kernelext/engine", "kernelext/notebook/"},
	"kernelext/gophernotes": {"kernelext/bindings/", "kernelext/show"},
	"kernelext/cmd":         {"lowrankgo", "lowrankgo/", "datasets", "notebooks", "kernelext/", "kernelext/engine/gomacro"},
	"kernelext/e2e":         {},
}

// strangers lists what lowrankgo and datasets may import from outside the
// standard library.
var strangers = map[string][]string{
	"lowrankgo": {"gonum.org/v1/gonum/", "golang.org/x/sys/cpu", "pgregory.net/rapid"},
	"datasets":  {"gonum.org/v1/gonum/"},
}

type listed struct {
	ImportPath string
	Imports    []string
}

// TestDoors holds every import of the module against the plan of the house.
func TestDoors(t *testing.T) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", module+"...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	rooms := 0
	for dec := json.NewDecoder(bytes.NewReader(out)); ; rooms++ {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		checkRoom(t, strings.TrimPrefix(p.ImportPath, module), p.Imports)
	}
	if rooms < 10 {
		t.Fatalf("go list found %d packages; the test looked at the wrong module", rooms)
	}
}

func checkRoom(t *testing.T, room string, imports []string) {
	allowed, known := lookup(doors, room)
	if !known {
		t.Errorf("%s is no room of the plan: give it its doors in docs/ARCHITECTURE.md and here", room)
		return
	}
	guests, limited := lookup(strangers, room)
	for _, imp := range imports {
		inside, ours := strings.CutPrefix(imp, module)
		switch {
		case ours && !fits(inside, allowed):
			t.Errorf("%s imports %s; its doors are %v", room, inside, allowed)
		case !ours && limited && strings.Contains(strings.Split(imp, "/")[0], ".") && !fits(imp, guests):
			t.Errorf("%s imports %s; from outside it may import %v", room, imp, guests)
		}
	}
}

// lookup finds the entry with the longest key that is room or above it.
func lookup(table map[string][]string, room string) ([]string, bool) {
	for key := room; ; {
		if v, ok := table[key]; ok {
			return v, true
		}
		cut := strings.LastIndexByte(key, '/')
		if cut < 0 {
			return nil, false
		}
		key = key[:cut]
	}
}

func fits(path string, allowed []string) bool {
	for _, a := range allowed {
		if path == a || strings.HasSuffix(a, "/") && strings.HasPrefix(path, a) {
			return true
		}
	}
	return false
}
