package gomacro

import (
	"go/ast"
	"reflect"

	"github.com/cosmos72/gomacro/fast"
	"github.com/cosmos72/gomacro/xreflect"
)

// oneValue is the name of a builtin that makes one value of an expression
// which in an assignment may have two: m[k], x.(T) and <-ch. gomacro passes
// both to a function that is called with it alone.
const oneValue = "lowrankOne"

// declareBuiltins adds oneValue and replaces copy, whose result gomacro loses.
func declareBuiltins(ir *fast.Interp) {
	ir.DeclBuiltin(oneValue, fast.Builtin{Compile: compileOne, ArgMin: 1, ArgMax: 1})
	ir.DeclBuiltin("copy", fast.Builtin{Compile: compileCopy, ArgMin: 2, ArgMax: 2})
}

func compileOne(c *fast.Comp, _ fast.Symbol, node *ast.CallExpr) *fast.Call {
	x := c.Expr1(node.Args[0], nil)
	if x.Untyped() {
		x.ConstTo(x.DefaultType())
	}
	return call(c, identity(x.Type.ReflectType()), x.Type, x)
}

func compileCopy(c *fast.Comp, _ fast.Symbol, node *ast.CallExpr) *fast.Call {
	dst, src := c.Expr1(node.Args[0], nil), c.Expr1(node.Args[1], nil)
	if src.Untyped() {
		src.ConstTo(src.DefaultType())
	}
	switch {
	case dst.Type == nil || dst.Type.Kind() != xreflect.Slice:
		c.Errorf("copy wants a slice first, not %v <%v>", node.Args[0], dst.Type)
	case src.Type == nil:
		c.Errorf("copy wants a slice or a string second, not nil")
	case src.Type.Kind() == xreflect.String && dst.Type.Elem().Kind() == xreflect.Uint8:
	case src.Type.Kind() != xreflect.Slice || !src.Type.Elem().IdenticalTo(dst.Type.Elem()):
		c.Errorf("copy: cannot copy <%v> to <%v>", src.Type, dst.Type)
	}
	in := []reflect.Type{dst.Type.ReflectType(), src.Type.ReflectType()}
	fun := reflect.MakeFunc(reflect.FuncOf(in, []reflect.Type{reflect.TypeFor[int]()}, false), func(args []reflect.Value) []reflect.Value {
		return []reflect.Value{reflect.ValueOf(reflect.Copy(args[0], args[1]))}
	})
	return call(c, fun, c.TypeOfInt(), dst, src)
}

// call is the call of a compiled function.
func call(c *fast.Comp, fun reflect.Value, out xreflect.Type, args ...*fast.Expr) *fast.Call {
	var in []xreflect.Type
	for _, a := range args {
		in = append(in, a.Type)
	}
	outs := []xreflect.Type{out}
	value := xreflect.MakeValue(fun)
	return &fast.Call{
		Fun:      &fast.Expr{Lit: fast.Lit{Type: c.Universe.FuncOf(in, outs, false)}, Fun: func(*fast.Env) xreflect.Value { return value }},
		Args:     args,
		OutTypes: outs,
	}
}

// identities are fast for the types that loops are made of.
var identities = map[reflect.Type]reflect.Value{
	reflect.TypeFor[bool]():    reflect.ValueOf(same[bool]),
	reflect.TypeFor[int]():     reflect.ValueOf(same[int]),
	reflect.TypeFor[float64](): reflect.ValueOf(same[float64]),
	reflect.TypeFor[string]():  reflect.ValueOf(same[string]),
	reflect.TypeFor[byte]():    reflect.ValueOf(same[byte]),
	reflect.TypeFor[rune]():    reflect.ValueOf(same[rune]),
}

func same[T any](x T) T { return x }

// identity is the function that returns its argument of type t.
func identity(t reflect.Type) reflect.Value {
	if f, ok := identities[t]; ok {
		return f
	}
	types := []reflect.Type{t}
	return reflect.MakeFunc(reflect.FuncOf(types, types, false), func(args []reflect.Value) []reflect.Value { return args })
}
