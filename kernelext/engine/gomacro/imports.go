package gomacro

import (
	"fmt"
	"go/ast"
	"slices"
	"strconv"
	"strings"

	"github.com/cosmos72/gomacro/base/genimport"
	"github.com/cosmos72/gomacro/fast"
	"github.com/cosmos72/gomacro/imports"
	"github.com/cosmos72/gomacro/xreflect"

	"github.com/lowrankgo/lowrank/kernelext/engine"
	"github.com/lowrankgo/lowrank/kernelext/engine/internal/source"
)

// imports executes the imports of a cell: gomacro's own way would look for a
// toolchain when it does not know a package, and forget the error.
func (s *session) imports(o *origin) *engine.Error {
	for i := range o.parsed.Chunks {
		c := &o.parsed.Chunks[i]
		if c.Kind != source.Import {
			continue
		}
		for _, spec := range c.Node.(*ast.GenDecl).Specs {
			spec := spec.(*ast.ImportSpec)
			path, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return s.errorAt(o, c.Offset(spec.Path.Pos()), "ImportError", "import path "+spec.Path.Value+" is not a string")
			}
			alias := ""
			if spec.Name != nil {
				alias = spec.Name.Name
			}
			if err := s.importPackage(alias, path); err != nil {
				return s.errorAt(o, c.Offset(spec.Path.Pos()), "ImportError", err.Error())
			}
		}
	}
	return nil
}

// importPackage binds a package to its name or alias in the session.
func (s *session) importPackage(alias, path string) error {
	if _, ok := imports.Packages[path]; !ok {
		return unknownPackage(path)
	}
	comp := s.ir.Comp
	_, err := comp.ImportPackagesOrError(map[string]genimport.PackageName{path: "_"})
	if err == nil {
		s.patch(path)
		_, err = comp.ImportPackagesOrError(map[string]genimport.PackageName{path: genimport.PackageName(alias)})
	}
	if err != nil {
		return fmt.Errorf("import %q: %w", path, err)
	}
	if alias == "." {
		return s.runPending()
	}
	return nil
}

// runPending executes what a dot-import leaves to do: copying the package's
// variables.
func (s *session) runPending() error {
	if exec := s.ir.Comp.Code.Exec(); exec != nil {
		exec(s.ir.PrepareEnv())
	}
	return nil
}

// patch replaces functions of a package that must know about cells.
func (s *session) patch(path string) {
	if s.patched[path] {
		return
	}
	s.patched[path] = true
	imp := s.ir.Comp.KnownImports[path]
	for name, fn := range s.replacements(path) {
		if b := imp.Binds[name]; b != nil && b.Desc.Index() != fast.NoIndex {
			imp.Vals[b.Desc.Index()] = xreflect.ValueOf(fn)
		}
	}
}

// imported is the package that a name stands for in the session, or nil.
func (s *session) imported(name string) *fast.Import {
	if sym := s.ir.Comp.TryResolve(name); sym != nil {
		imp, _ := sym.Value.(*fast.Import)
		return imp
	}
	return nil
}

// unknownPackage is the error for a path that cannot be imported; it names the
// path that looks most like it.
func unknownPackage(path string) error {
	if near := nearest(path, packagePaths()); near != "" {
		return fmt.Errorf("package %q is not linked into this kernel; did you mean %q?", path, near)
	}
	return fmt.Errorf("package %q is not linked into this kernel; a cell can import the standard library, this project's packages, gonum and gonum/plot", path)
}

// packagePaths lists what can be imported, in order.
func packagePaths() []string {
	paths := make([]string, 0, len(imports.Packages))
	for p := range imports.Packages {
		if !strings.Contains(p, "gomacro") {
			paths = append(paths, p)
		}
	}
	slices.Sort(paths)
	return paths
}

// nearest is the candidate most like word, or "" when none is near: one with
// the same last element, or at an edit distance of at most a third of the
// length.
func nearest(word string, candidates []string) string {
	best, least := "", len([]rune(word))/3+1
	for _, c := range candidates {
		d := distance(word, c)
		if tail(c) == tail(word) {
			d = min(d, 1)
		}
		if d < least {
			best, least = c, d
		}
	}
	return best
}

func tail(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

// distance is the Levenshtein distance of two strings.
func distance(a, b string) int {
	s, t := []rune(strings.ToLower(a)), []rune(strings.ToLower(b))
	row := make([]int, len(t)+1)
	for j := range row {
		row[j] = j
	}
	for i := range s {
		diagonal := row[0]
		row[0] = i + 1
		for j := range t {
			cost := 1
			if s[i] == t[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(t)]
}
