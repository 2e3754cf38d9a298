package main

import (
	"fmt"
	"go/types"
	"strings"
)

// proxy declares the type through which a type of a cell satisfies the
// interface t: one field per method, with the object as its first argument.
func (b *binder) proxy(proxy, name string, t *types.Interface) {
	w := &b.proxies
	fmt.Fprintf(w, "\n// %s makes a type of a cell a %s.%s.\ntype %s struct {\n\tObject interface{}\n", proxy, b.pkg.Name(), name, proxy)
	for m := range t.Methods() {
		fmt.Fprintf(w, "\t%s_ func(interface{}%s) %s\n", m.Name(), b.params(m.Signature(), false), b.results(m.Signature()))
	}
	fmt.Fprint(w, "}\n")
	for m := range t.Methods() {
		sig := m.Signature()
		fmt.Fprintf(w, "\nfunc (p *%s) %s(%s) %s {\n\t", proxy, m.Name(), strings.TrimPrefix(b.params(sig, true), ", "), b.results(sig))
		if sig.Results().Len() > 0 {
			fmt.Fprint(w, "return ")
		}
		fmt.Fprintf(w, "p.%s_(p.Object%s)\n}\n", m.Name(), arguments(sig))
	}
}

// params is the list of parameter types, each after a comma and, if named,
// after the name x0, x1, …
func (b *binder) params(sig *types.Signature, named bool) string {
	var s strings.Builder
	for i := range sig.Params().Len() {
		t := types.TypeString(sig.Params().At(i).Type(), b.local)
		if sig.Variadic() && i == sig.Params().Len()-1 {
			t = "..." + strings.TrimPrefix(t, "[]")
		}
		s.WriteString(", ")
		if named {
			fmt.Fprintf(&s, "x%d ", i)
		}
		s.WriteString(t)
	}
	return s.String()
}

func arguments(sig *types.Signature) string {
	var s strings.Builder
	for i := range sig.Params().Len() {
		fmt.Fprintf(&s, ", x%d", i)
	}
	if sig.Variadic() {
		s.WriteString("...")
	}
	return s.String()
}

func (b *binder) results(sig *types.Signature) string {
	var list []string
	for v := range sig.Results().Variables() {
		list = append(list, types.TypeString(v.Type(), b.local))
	}
	return "(" + strings.Join(list, ", ") + ")"
}

// usable reports whether another package can implement t: its methods are
// exported and their types can be named.
func usable(t *types.Interface) bool {
	for m := range t.Methods() {
		if !m.Exported() || !nameable(m.Signature().Params()) || !nameable(m.Signature().Results()) {
			return false
		}
	}
	return t.IsMethodSet() && t.NumMethods() > 0
}

// nameable reports whether every type in t can be written in another package.
func nameable(t types.Type) bool {
	switch t := t.(type) {
	case *types.Tuple:
		for v := range t.Variables() {
			if !nameable(v.Type()) {
				return false
			}
		}
	case *types.Alias:
		return visible(t.Obj())
	case *types.Named:
		for arg := range t.TypeArgs().Types() {
			if !nameable(arg) {
				return false
			}
		}
		return visible(t.Obj())
	case *types.Signature:
		return nameable(t.Params()) && nameable(t.Results())
	case *types.Map:
		return nameable(t.Key()) && nameable(t.Elem())
	case interface{ Elem() types.Type }: // pointer, slice, array, channel
		return nameable(t.Elem())
	case *types.Struct:
		for f := range t.Fields() {
			if !f.Exported() || !nameable(f.Type()) {
				return false
			}
		}
	case *types.Interface:
		return t.NumMethods() == 0 || usable(t)
	}
	return true
}

func visible(obj *types.TypeName) bool {
	return obj.Pkg() == nil || obj.Exported() && !strings.Contains("/"+obj.Pkg().Path()+"/", "/internal/")
}
