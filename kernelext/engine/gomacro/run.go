package gomacro

import (
	"fmt"
	"go/ast"
	"log"
	"strings"

	"github.com/cosmos72/gomacro/base"
	"github.com/cosmos72/gomacro/base/reflect"
	"github.com/cosmos72/gomacro/fast"
	"github.com/cosmos72/gomacro/xreflect"

	"github.com/lowrankgo/lowrank/kernelext/engine"
	"github.com/lowrankgo/lowrank/kernelext/show"
)

// work runs c in the calling goroutine and sends how it ended.
func (s *session) work(c *cell, done chan<- outcome) {
	res := outcome{err: plainError("Panic", "the cell ended its own goroutine (runtime.Goexit)")}
	run := s.enter(c)
	defer func() {
		s.leave(c)
		done <- res
	}()
	p, failed := s.compile(c)
	if failed != nil {
		res = outcome{err: failed}
		return
	}
	res = s.execute(c, run, p)
}

// execute runs a compiled cell and renders its value.
func (s *session) execute(c *cell, run *fast.Run, p *program) (res outcome) {
	if p.expr == nil {
		return outcome{}
	}
	env := s.fileEnv(run)
	c.env.Store(env)
	c.program.Store(p)
	run.CurrEnv = env
	defer func() {
		if r := recover(); r != nil {
			res = outcome{err: s.panicError(c, p, run, env, r)}
		}
	}()
	v, vs := p.expr.AsXV(fast.COptKeepUntyped)(env)
	if !p.value {
		return outcome{}
	}
	return outcome{data: s.render(reflect.PackValues(v, vs), reflect.PackTypes(p.expr.Type, p.expr.Types))}
}

// render shows the values of the last expression: nothing for nil values, one
// by itself, and several as their texts.
func (s *session) render(values []xreflect.Value, types []xreflect.Type) *show.Data {
	var shown []any
	for i, v := range values {
		x := reflect.ValueInterface(v)
		if x == nil || isNilPointer(v) {
			continue
		}
		if i < len(types) {
			x = s.withMethods(x, types[i])
		}
		shown = append(shown, x)
	}
	switch len(shown) {
	case 0:
		return nil
	case 1:
		d := show.Render(shown[0])
		return &d
	}
	texts := make([]string, len(shown))
	for i, x := range shown {
		texts[i] = fmt.Sprint(show.Render(x).MIME["text/plain"])
	}
	d := show.Data{MIME: map[string]any{"text/plain": strings.Join(texts, ", ")}}
	return &d
}

func isNilPointer(v xreflect.Value) bool {
	switch v.Kind() {
	case xreflect.Ptr, xreflect.Interface, xreflect.Func:
		return v.IsNil()
	}
	return false
}

// forget removes the names that a failed cell declared but never set, having
// reached a byte offset at its top level; a name that hid an older one gives
// it back.
func (s *session) forget(p *program, reached int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	binds := s.ir.Comp.Binds
	unset := s.origins[p.file].declaredFrom(reached)
	for name, b := range binds {
		old := p.before.Binds[name]
		if b == old || b.Desc.Index() == fast.NoIndex {
			continue
		}
		if isInt(b) && !unset[name] {
			continue
		}
		if at := b.Desc.Index(); !isInt(b) && at < len(s.env.Vals) && s.env.Vals[at].IsValid() {
			continue
		}
		if old != nil {
			binds[name] = old
		} else {
			delete(binds, name)
		}
	}
}

// declaredFrom lists the variables that the cell declares in the chunk at
// offset and later.
func (o *origin) declaredFrom(offset int) map[string]bool {
	names := map[string]bool{}
	add := func(x ast.Expr) {
		if id, ok := x.(*ast.Ident); ok {
			names[id.Name] = true
		}
	}
	for i := range o.parsed.Chunks {
		c := &o.parsed.Chunks[i]
		if c.End <= offset {
			continue
		}
		switch n := c.Node.(type) {
		case *ast.AssignStmt:
			for _, x := range n.Lhs {
				add(x)
			}
		case *ast.DeclStmt:
			ast.Inspect(n, func(n ast.Node) bool {
				if v, ok := n.(*ast.ValueSpec); ok {
					for _, id := range v.Names {
						add(id)
					}
				}
				return true
			})
		}
	}
	return names
}

// goGuard is the name under which a lowered go statement finds
// reportGoroutine.
const goGuard = "lowrankGoroutinePanicked"

// reportGoroutine prints the panic of a goroutine that a cell started; without
// it the process would end.
func (s *session) reportGoroutine(value interface{}) {
	if value == base.SigInterrupt {
		return
	}
	// log.Writer is the stderr of the running cell, read under log's own lock:
	// os.Stderr may be changing hands between two cells just now.
	fmt.Fprintf(log.Writer(), "Panic in a goroutine: %s\n", panicText(value))
}

// stopped reports whether a panic is gomacro's way to end an interrupted cell.
func stopped(value any) bool { return value == base.SigInterrupt }

// exitCode is what a cell panics with instead of ending the process.
type exitCode int

func (e exitCode) Error() string {
	return fmt.Sprintf("os.Exit(%d): a cell cannot end the session; return or panic instead", int(e))
}

// errorAt makes an error at a byte offset of a cell; a negative one means no
// place.
func (s *session) errorAt(o *origin, offset int, name, message string) *engine.Error {
	e := plainError(name, message)
	if offset >= 0 {
		f := o.frame(offset)
		e.Line, e.Column = f.line, f.column
		e.Traceback = append(e.Traceback, f.text())
	}
	return e
}
