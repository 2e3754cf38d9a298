package gomacro

import (
	"fmt"
	"go/ast"
	"io"
	"maps"
	"strings"

	"github.com/cosmos72/gomacro/ast2"
	"github.com/cosmos72/gomacro/fast"

	"github.com/lowrankgo/lowrank/kernelext/engine"
	"github.com/lowrankgo/lowrank/kernelext/engine/internal/source"
)

// program is a compiled cell.
type program struct {
	file   string
	expr   *fast.Expr     // nil when there is nothing to run
	value  bool           // the last expression's value is shown
	last   int            // byte offset in the cell of the last statement
	before fast.CompBinds // the names of the session before
}

// compile parses and compiles a cell. When it fails the session knows the
// same names as before.
func (s *session) compile(c *cell) (p *program, failed *engine.Error) {
	parsed, err := source.Parse(c.in.Code)
	if err != nil {
		return nil, s.syntaxError(c, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	comp := s.ir.Comp
	before := snapshot(comp)
	p = &program{file: fmt.Sprintf("cell%d", len(s.origins)+1), before: before}
	o := &origin{name: c.in.Name, parsed: parsed}
	s.origins[p.file] = o
	if comp.BindNum >= slots-1024 {
		return nil, s.errorAt(o, -1, "CompileError", "the session holds too many names: restart the kernel")
	}
	if failed := s.limits(o); failed != nil {
		return nil, failed
	}
	defer func() {
		c.compiling.Store(false)
		if r := recover(); r != nil {
			failed = s.compileError(p, o, r)
		}
		if failed != nil {
			comp.CompBinds = before
			comp.Code.Clear()
			p = nil
		}
	}()
	if failed := s.imports(o); failed != nil {
		return nil, failed
	}
	c.captured.Flush() // what goroutines of earlier cells printed
	c.compiling.Store(true)
	comp.Stderr = c.warnings
	s.build(p, o)
	comp.Stderr = io.Discard
	c.captured.Flush()
	c.compiling.Store(false)
	if extra := c.warnings.extraValues(); extra != "" {
		return nil, s.errorAt(o, -1, "CompileError", extra)
	}
	if names := retyped(p.before, comp.CompBinds); len(names) > 0 {
		return s.rebuild(p, o, names)
	}
	return p, nil
}

// snapshot copies what a compilation changes.
func snapshot(comp *fast.Comp) fast.CompBinds {
	b := comp.CompBinds
	b.Binds, b.Types = maps.Clone(b.Binds), maps.Clone(b.Types)
	return b
}

// build compiles the cell of o, whose imports are done, into p.
func (s *session) build(p *program, o *origin) {
	comp := s.ir.Comp
	comp.Filepath, comp.Line = p.file, 0
	nodes := comp.ParseBytes([]byte(o.text()))
	if len(nodes) == 0 {
		return
	}
	nodes = s.lower(nodes)
	for i, n := range nodes[:len(nodes)-1] {
		nodes[i] = located(n)
	}
	last := nodes[len(nodes)-1]
	p.last = o.offset(comp.Fileset.Position(last.Pos()).Offset)
	p.value = isExpr(last) && !s.silent(last) && !strings.HasSuffix(strings.TrimSpace(o.parsed.Code), ";")
	p.expr = s.ir.CompileAst(ast2.AnyToAst(nodes, "cell"))
}

// located turns an expression into a statement that records its position.
func located(n ast.Node) ast.Node {
	if x, ok := n.(ast.Expr); ok {
		n = &ast.ExprStmt{X: x}
	}
	if x, ok := n.(*ast.ExprStmt); ok {
		return &ast.BlockStmt{Lbrace: x.Pos(), List: []ast.Stmt{x}, Rbrace: x.End()}
	}
	return n
}

func isExpr(n ast.Node) bool {
	switch n.(type) {
	case ast.Expr, *ast.ExprStmt:
		return true
	}
	return false
}

// silent reports whether n is a call of a printing function of fmt, whose
// count of bytes nobody asked for.
func (s *session) silent(n ast.Node) bool {
	if x, ok := n.(*ast.ExprStmt); ok {
		n = x.X
	}
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return false
	}
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	pkg, ok := sel.X.(*ast.Ident)
	if !ok {
		return false
	}
	imp := s.imported(pkg.Name)
	return imp != nil && imp.Path == "fmt" && (strings.HasPrefix(sel.Sel.Name, "Print") || strings.HasPrefix(sel.Sel.Name, "Fprint"))
}

// retyped lists the names that took over the slot of a variable or function
// of another type: functions compiled earlier would read it wrongly.
func retyped(before, after fast.CompBinds) []string {
	var names []string
	for name, old := range before.Binds {
		now := after.Binds[name]
		if now == nil || now == old || now.Desc.Index() == fast.NoIndex || now.Desc.Index() != old.Desc.Index() {
			continue
		}
		if isInt(now) == isInt(old) && !now.Type.IdenticalTo(old.Type) {
			names = append(names, name)
		}
	}
	return names
}

func isInt(b *fast.Bind) bool { return b.Desc.Class() == fast.IntBind }

// rebuild compiles the cell again with names forgotten, so that they get new
// slots.
func (s *session) rebuild(p *program, o *origin, names []string) (again *program, failed *engine.Error) {
	comp := s.ir.Comp
	comp.CompBinds = p.before
	before := snapshot(comp)
	for _, name := range names {
		delete(comp.Binds, name)
	}
	again = &program{file: p.file, before: before}
	defer func() {
		if r := recover(); r != nil {
			again = nil
			failed = s.errorAt(o, p.last, "CompileError", fmt.Sprintf(
				"%s cannot take a new type in a cell that also uses its old value: choose a new name (%s)",
				names[0], s.compileError(p, o, r).Message))
		}
	}()
	if failed := s.imports(o); failed != nil {
		return nil, failed
	}
	s.build(again, o)
	return again, nil
}

// text is the source for gomacro: without imports, which are done apart, and
// with a statement that starts with a function literal in parentheses.
func (o *origin) text() string {
	code := o.parsed.Code
	var b strings.Builder
	o.inserted = nil
	at := 0
	for i := range o.parsed.Chunks {
		c := &o.parsed.Chunks[i]
		b.WriteString(code[at:c.Start])
		at = c.End
		switch c.Kind {
		case source.Import, source.Package:
			b.WriteString(blank(code[c.Start:c.End]))
		case source.FuncLit:
			o.inserted = append(o.inserted, b.Len())
			b.WriteByte('(')
			b.WriteString(code[c.Start:c.End])
			o.inserted = append(o.inserted, b.Len())
			b.WriteByte(')')
		default:
			b.WriteString(code[c.Start:c.End])
		}
	}
	b.WriteString(code[at:])
	return b.String()
}

// offset turns an offset in text into one in the cell.
func (o *origin) offset(at int) int {
	n := 0
	for _, i := range o.inserted {
		if i < at {
			n++
		}
	}
	return at - n
}

// blank replaces every byte but the ends of lines by a space.
func blank(s string) string {
	b := []byte(s)
	for i := range b {
		if b[i] != '\n' {
			b[i] = ' '
		}
	}
	return string(b)
}
