package lowrankgo_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The suites run over everything that is exported: the lists of the files
// beside this one hold one or more small instances of each. What is exported
// and in no list fails TestAllListed.

// exported finds the ways to make something in a package's folder: functions
// New… and structs with the method that maker names.
func exported(t *testing.T, dir, maker string, functions bool) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			switch {
			case !ok:
			case f.Recv != nil && f.Name.Name == maker && ast.IsExported(receiver(f)):
				names = append(names, receiver(f))
			case f.Recv == nil && functions && strings.HasPrefix(f.Name.Name, "New"):
				names = append(names, f.Name.Name)
			}
		}
	}
	slices.Sort(names)
	return names
}

func receiver(f *ast.FuncDecl) string {
	of := f.Recv.List[0].Type
	if star, ok := of.(*ast.StarExpr); ok {
		of = star.X
	}
	name, _ := of.(*ast.Ident)
	return name.Name
}

// TestAllListed fails when something is exported that no suite runs over, and
// when a list names what is not there.
func TestAllListed(t *testing.T) {
	makers := listedOperators()
	for _, f := range listedForms() {
		makers = append(makers, listedOperator{of: f.of})
	}
	var operators, problems, methods []string
	for _, o := range makers {
		operators = append(operators, o.of)
	}
	operators = append(operators, "NewNames") // numbers names, measures nothing
	for _, p := range listedProblems() {
		problems = append(problems, p.of)
	}
	for _, m := range listedMethods() {
		methods = append(methods, m.of)
	}
	for _, c := range []struct {
		dir, maker string
		functions  bool
		listed     []string
	}{
		{"operator", "New", true, operators},
		{"problem", "New", true, problems},
		{"solver", "Start", false, methods},
	} {
		have := exported(t, c.dir, c.maker, c.functions)
		if len(have) < 8 {
			t.Errorf("%s: only %v found", c.dir, have)
		}
		for _, name := range have {
			if !slices.Contains(c.listed, name) {
				t.Errorf("%s.%s is exported, but the suites do not run over it: add an instance to the list", c.dir, name)
			}
		}
		for _, name := range c.listed {
			if !slices.Contains(have, name) {
				t.Errorf("%s.%s is listed, but not exported", c.dir, name)
			}
		}
	}
}

// must is for instances that are there to be good.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
