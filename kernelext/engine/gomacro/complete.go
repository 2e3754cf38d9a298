package gomacro

import (
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"unicode"

	"github.com/cosmos72/gomacro/fast"
	"github.com/cosmos72/gomacro/xreflect"

	"github.com/lowrankgo/lowrank/kernelext/engine"
	"github.com/lowrankgo/lowrank/kernelext/engine/internal/source"
)

// hidden are names of the interpreter itself.
var hidden = map[string]bool{
	"Env": true, "Eval": true, "EvalKeepUntyped": true, "EvalType": true, "Interp": true,
	"MacroExpand": true, "MacroExpand1": true, "MacroExpandCodeWalk": true, "Parse": true,
	"Read": true, "ReadDir": true, "ReadFile": true, "ReadMultiline": true, "Slurp": true,
	goGuard: true, oneValue: true,
}

// Complete implements engine.Engine.
func (s *session) Complete(code string, cursor int) (answer engine.Completion) {
	runes := []rune(code)
	cursor = min(max(cursor, 0), len(runes))
	answer = engine.Completion{Start: cursor, End: cursor}
	defer func() {
		if recover() != nil { // half-written code may surprise the interpreter
			answer = engine.Completion{Start: cursor, End: cursor}
		}
	}()
	ctx := source.At(runes, cursor)
	answer.Start = ctx.Start
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []engine.Match
	switch {
	case ctx.Nothing:
		return answer
	case ctx.Import:
		for _, p := range packagePaths() {
			all = append(all, engine.Match{Text: p, Type: "package"})
		}
	case ctx.Operand != "":
		all = s.selectors(ctx.Operand)
	default:
		all = s.scope()
	}
	for _, m := range all {
		if strings.HasPrefix(m.Text, ctx.Prefix) {
			answer.Matches = append(answer.Matches, m)
		}
	}
	slices.SortFunc(answer.Matches, func(a, b engine.Match) int { return strings.Compare(a.Text, b.Text) })
	answer.Matches = slices.CompactFunc(answer.Matches, func(a, b engine.Match) bool { return a.Text == b.Text })
	return answer
}

// scope lists the names of the session, the builtins and the keywords.
func (s *session) scope() []engine.Match {
	var all []engine.Match
	for c := s.ir.Comp; c != nil; c = c.Outer {
		for name, b := range c.Binds {
			if !hidden[name] {
				all = append(all, engine.Match{Text: name, Type: kind(b)})
			}
		}
		for name := range c.Types {
			if !hidden[name] {
				all = append(all, engine.Match{Text: name, Type: "type"})
			}
		}
	}
	for t := token.BREAK; t <= token.VAR; t++ {
		if t.IsKeyword() {
			all = append(all, engine.Match{Text: t.String(), Type: "keyword"})
		}
	}
	return all
}

// names lists the names of the session.
func (s *session) names() []string {
	var names []string
	for _, m := range s.scope() {
		names = append(names, m.Text)
	}
	slices.Sort(names)
	return names
}

func kind(b *fast.Bind) string {
	if _, ok := b.Value.(*fast.Import); ok {
		return "package"
	}
	if b.Type != nil && b.Type.Kind() == xreflect.Func {
		return "function"
	}
	switch b.Desc.Class() {
	case fast.FuncBind:
		return "function"
	case fast.ConstBind:
		if _, ok := b.Value.(fast.Builtin); ok {
			return "function"
		}
		return "constant"
	}
	return "variable"
}

// selectors lists what may follow operand and a dot.
func (s *session) selectors(operand string) []engine.Match {
	if imp := s.imported(operand); imp != nil {
		return packageMembers(imp)
	}
	t := s.typeOf(operand)
	if t == nil {
		return nil
	}
	return typeMembers(t)
}

func packageMembers(imp *fast.Import) []engine.Match {
	var all []engine.Match
	for name, b := range imp.Binds {
		all = append(all, engine.Match{Text: name, Type: kind(b)})
	}
	for name := range imp.Types {
		all = append(all, engine.Match{Text: name, Type: "type"})
	}
	return all
}

func members(imp *fast.Import) []string {
	var names []string
	for _, m := range packageMembers(imp) {
		names = append(names, m.Text)
	}
	slices.Sort(names)
	return names
}

// typeOf is the type of an expression, which is compiled but not run, or of a
// name that is a type.
func (s *session) typeOf(operand string) xreflect.Type {
	x, err := parser.ParseExpr(operand)
	if err != nil {
		return nil
	}
	comp := fast.NewComp(s.ir.Comp, nil)
	comp.UpCost = 0
	comp.Depth--
	if t := comp.TryResolveType(operand); t != nil {
		return t
	}
	e := comp.CompileNode(x)
	if e == nil || e.NumOut() != 1 {
		return nil
	}
	return e.Type
}

// typeMembers lists the fields and methods of t, promoted ones too.
func typeMembers(t xreflect.Type) []engine.Match {
	var all []engine.Match
	var add func(t xreflect.Type, depth int)
	add = func(t xreflect.Type, depth int) {
		if t == nil || depth > 6 { // embedded pointers may go round
			return
		}
		if t.Kind() == xreflect.Ptr {
			if elem := t.Elem(); elem.Kind() != xreflect.Ptr {
				add(elem, depth)
			}
		}
		if t.Kind() == xreflect.Interface || t.Name() != "" {
			for i := range t.NumMethod() {
				all = append(all, visible(t.Method(i).Name, "function", t)...)
			}
		}
		if t.Kind() != xreflect.Struct {
			return
		}
		for i := range t.NumField() {
			f := t.Field(i)
			all = append(all, visible(f.Name, "field", t)...)
			if f.Anonymous {
				add(f.Type, depth+1)
			}
		}
	}
	add(t, 0)
	return all
}

// visible is the member if a cell may use it: it is exported, or its type was
// declared in a cell.
func visible(name, kind string, of xreflect.Type) []engine.Match {
	if name == "" || name == "_" {
		return nil
	}
	if first := []rune(name)[0]; !unicode.IsUpper(first) && of.PkgPath() != "main" {
		return nil
	}
	return []engine.Match{{Text: name, Type: kind}}
}
