package theory

import (
	"context"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// numbered lists what the two papers number, and the remarks worth a number.
// Not among them, because nothing of it is computed: the objective of [L] on
// distributed variables as a problem that methods run on, and Fig 2 c,d,e, which
// shows runs of it.
var numbered = []string{
	"[G] (3)", "[G] (4)", "[G] (6)", "[G] (7), (8)", "[G] (10)", "[G] (11)", "[G] (12)", "[G] (13)", "[G] (14)", "[G] (16)",
	"[L] (II.2)", "[L] (II.3)", "[L] (II.5)", "[L] (IV.1)",
	"[G] Def 1", "[G] Def 2", "[G] Def 3", "[G] Def 4", "[G] Def 5", "[G] Def 6", "[G] Def 7",
	"[G] Thm 1", "[G] Cor 2", "[G] Thm 3", "[G] Thm 4", "[G] Thm 5", "[G] Lemma 6", "[G] Lemma 7", "[G] Thm 8",
	"[G] Lemma 9", "[G] Lemma 10", "[G] Lemma 11", "[G] Thm 12", "[G] Lemma 13", "[G] Lemma 14", "[G] Thm 15", "[G] Lemma 16",
	"[L] Example I.1", "[L] Def III.1", "[L] Thm III.1, full rank", "[L] Thm III.1, rank-deficient", "[L] Lemma III.1", "[L] Cor III.1",
	"[L] Fig 1", "[L] Fig 2 a,b",
	"[G] §3.3 S_α", "Remark: gross outliers are truncated", "[G] Lemma 13, gap", "[G] Lemma 16, isometry",
	"Remark: Lemma 6 in spectral norms", "Remark: the simplest case", "Remark: the proof of Thm 8 in three numbers",
	"Remark: noise is a Q", "Remark: the identity (9) with noise", "Remark: critical points are balanced", "Remark: without balance",
	"Remark: Gaussian measurements and RIP", "Remark: robust PCA is not separable",
	"Remark: too large a rank", "Remark: too small a rank", "Remark: a fixed number of entries", "Remark, [L] (II.5) with noise", "RIP ½", "RIP ½: its constant",
}

// covers reports whether an item of this name is about what key names: it is
// that, or that and more.
func covers(name, key string) bool {
	rest, ok := strings.CutPrefix(name, key)
	return ok && (rest == "" || strings.ContainsAny(rest[:1], " ,:("))
}

// TestNothingIsMissing: every numbered item of the papers is in the list, whole,
// once, and belongs to a part of the page.
func TestNothingIsMissing(t *testing.T) {
	items := Items()
	for _, key := range numbered {
		if !slices.ContainsFunc(items, func(i Item) bool { return covers(i.Name, key) }) {
			t.Errorf("%s is not in the list", key)
		}
	}
	seen := map[string]bool{}
	for _, i := range items {
		if i.Name == "" || i.Statement == "" || len(i.Functions) == 0 || len(i.Tests) == 0 || i.Measure == nil || strings.Contains(i.Name+i.Statement+i.Hypotheses, "\n") {
			t.Errorf("%q is not whole: %+v", i.Name, i)
		}
		if seen[i.Name] {
			t.Errorf("%s is in the list twice", i.Name)
		}
		seen[i.Name] = true
	}
}

// TestOrder: what [G] numbers is in the order of its numbers.
func TestOrder(t *testing.T) {
	names := []string{"[L] Thm III.1", "[G] Lemma 16, isometry", "[G] §3.3", "[G] Def 2", "[G] Cor 2", "[G] (13)", "[G] Thm 1", "[L] Cor III.1", "[G] (7), (8)", "[G] Def 1", "RIP ½", "[G] Lemma 16"}
	slices.SortStableFunc(names, func(a, b string) int { return place(a) - place(b) })
	want := []string{"[G] (7), (8)", "[G] (13)", "[G] Def 1", "[G] Def 2", "[G] Thm 1", "[G] Cor 2", "[G] Lemma 16, isometry", "[G] Lemma 16", "[G] §3.3", "[L] Thm III.1", "[L] Cor III.1", "RIP ½"}
	if !slices.Equal(names, want) {
		t.Errorf("%q", names)
	}
	last := ""
	for _, i := range Items() {
		if place(i.Name) < place(last) && last != "" {
			t.Errorf("%s comes after %s", i.Name, last)
		}
		last = i.Name
	}
}

// declared lists the functions, types and methods, as Type.Method, that files of
// a package of lowrankgo declare.
func declared(t *testing.T, pkg string, tests bool) map[string]bool {
	t.Helper()
	dir := filepath.Join("..", pkg)
	if pkg == "lowrankgo" {
		dir = ".."
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") != tests {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, e.Name()), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			declare(names, d)
		}
	}
	promoted(names)
	return names
}

// declare adds what d declares. A type's embedded types are noted as
// Type→Embedded.
func declare(names map[string]bool, d ast.Decl) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		name := d.Name.Name
		if d.Recv != nil {
			name = typeName(d.Recv.List[0].Type) + "." + name
		}
		names[name] = true
	case *ast.GenDecl:
		for _, s := range d.Specs {
			ts, ok := s.(*ast.TypeSpec)
			if !ok {
				continue
			}
			names[ts.Name.Name] = true
			if st, ok := ts.Type.(*ast.StructType); ok {
				for _, f := range st.Fields.List {
					if f.Names == nil {
						names[ts.Name.Name+"→"+typeName(f.Type)] = true
					}
				}
			}
		}
	}
}

// typeName is the name of T or *T; empty for others.
func typeName(e ast.Expr) string {
	if star, ok := e.(*ast.StarExpr); ok {
		e = star.X
	}
	if id, ok := e.(*ast.Ident); ok {
		return id.Name
	}
	return ""
}

// promoted adds the methods that types have from those they embed, also through
// several.
func promoted(names map[string]bool) {
	for again := true; again; {
		again = false
		for edge := range names {
			outer, inner, ok := strings.Cut(edge, "→")
			if !ok {
				continue
			}
			for name := range names {
				if method, of := strings.CutPrefix(name, inner+"."); of && !names[outer+"."+method] {
					names[outer+"."+method] = true
					again = true
				}
			}
		}
	}
}

// TestFunctionsAndTestsExist: what an item names is declared, and exported.
func TestFunctionsAndTestsExist(t *testing.T) {
	cache := map[string]map[string]bool{}
	has := func(full string, tests bool) bool {
		pkg, name, ok := strings.Cut(full, ".")
		if !ok {
			return false
		}
		key := pkg
		if tests {
			key += "_test"
		}
		if cache[key] == nil {
			cache[key] = declared(t, pkg, tests)
		}
		return cache[key][name]
	}
	for _, i := range Items() {
		for _, f := range i.Functions {
			_, name, _ := strings.Cut(f, ".")
			exported := !slices.ContainsFunc(strings.Split(name, "."), func(part string) bool { return !ast.IsExported(part) })
			if !exported || !has(f, false) {
				t.Errorf("%s: the function %s is not there, or not exported", i.Name, f)
			}
		}
		for _, f := range i.Tests {
			_, name, _ := strings.Cut(f, ".")
			if !strings.HasPrefix(name, "Test") && !strings.HasPrefix(name, "Example") || !has(f, true) {
				t.Errorf("%s: the test %s is not there", i.Name, f)
			}
		}
	}
}

// TestPage: the page in docs has a line for every item, with its present
// statement, functions and tests.
func TestPage(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "THEORY.md")
	page, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("there is no docs/THEORY.md: run lowrank theory --out docs/THEORY.md")
	}
	if err != nil {
		t.Fatal(err)
	}
	lines := 0
	for _, i := range Items() {
		if !strings.Contains(string(page), "\n| "+label(i)+" | "+links(i)+" | ") {
			t.Errorf("docs/THEORY.md does not have %s as it is now: run lowrank theory --out docs/THEORY.md", i.Name)
		}
		lines++
	}
	if rows := strings.Count(string(page), "\n| **"); rows != lines {
		t.Errorf("docs/THEORY.md has %d rows for %d items: run lowrank theory --out docs/THEORY.md", rows, lines)
	}
	if strings.Contains(string(page), "quick ensembles") {
		t.Error("docs/THEORY.md is of quick ensembles: run lowrank theory --out docs/THEORY.md")
	}
}

// TestMeasures: every item is measured, contradicts nothing, comes to the same
// numbers again, and ends when the context does.
func TestMeasures(t *testing.T) {
	for _, item := range Items() {
		t.Run(item.Name, func(t *testing.T) {
			t.Parallel()
			e := Effort{Seed: 21, Quick: true}
			begin := time.Now()
			m, err := item.Measure(t.Context(), e)
			if err != nil {
				t.Fatal(err)
			}
			took := time.Since(begin)
			if m.Instances < 1 || m.Fails() {
				t.Errorf("seed %d: %s", e.Seed, Summary(m, "; ", nil))
			}
			if p := m.Proportion; p != nil && (p.Trials < 1 || !(p.Low <= p.High)) {
				t.Errorf("a proportion without trials: %+v", p)
			}
			ended, cancel := context.WithCancel(t.Context())
			cancel()
			begin = time.Now()
			if _, err := item.Measure(ended, e); err == nil || time.Since(begin) > took/2+2*time.Second {
				t.Errorf("after the end of its context it returns %v, after %v of %v", err, time.Since(begin), took)
			}
			if testing.Short() {
				return
			}
			again, err := item.Measure(t.Context(), e)
			if err != nil || Summary(again, "; ", nil) != Summary(m, "; ", nil) || again.Met != m.Met || !same(m, again) {
				t.Errorf("seed %d gives %s, then %s, %v", e.Seed, Summary(m, "; ", nil), Summary(again, "; ", nil), err)
			}
		})
	}
}
