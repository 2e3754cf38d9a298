package gomacro

import (
	"go/ast"
	"go/token"
)

// lower rewrites what gomacro would do otherwise than Go:
//
//   - a goroutine on a function literal reports its panic instead of ending
//     the process;
//   - a loop variable that the body captures is a new one in each turn, as
//     since Go 1.22;
//   - a select without cases blocks;
//   - m[k], x.(T) or <-ch as the only argument of a call is one value;
//   - integer literals beyond 64 bits keep their value;
//   - a type assertion at the end of a cell panics when it does not hold.
func (s *session) lower(nodes []ast.Node) []ast.Node {
	for i, n := range nodes {
		n = foldBig(n)
		nodes[i] = n
		ast.Inspect(n, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GoStmt:
				guard(n)
			case *ast.ForStmt:
				freshFor(n)
			case *ast.RangeStmt:
				freshRange(n)
			case *ast.SelectStmt:
				block(n)
			case *ast.CallExpr:
				loneArgument(n)
			}
			return true
		})
	}
	last := &nodes[len(nodes)-1]
	if x, ok := (*last).(*ast.ExprStmt); ok {
		*last = x.X
	}
	if x, ok := (*last).(*ast.TypeAssertExpr); ok {
		*last = single(x)
	}
	return nodes
}

// single is "func() T { return x.(T) }()", which has one value.
func single(x *ast.TypeAssertExpr) ast.Expr {
	at := x.Pos()
	return &ast.CallExpr{Fun: &ast.FuncLit{
		Type: &ast.FuncType{
			Func:    at,
			Params:  &ast.FieldList{Opening: at, Closing: at},
			Results: &ast.FieldList{List: []*ast.Field{{Type: x.Type}}},
		},
		Body: &ast.BlockStmt{Lbrace: at, List: []ast.Stmt{&ast.ReturnStmt{Return: at, Results: []ast.Expr{x}}}, Rbrace: x.End()},
	}, Lparen: x.End(), Rparen: x.End()}
}

// takesOne are the callees that treat such an argument rightly.
var takesOne = map[string]bool{
	oneValue: true, "len": true, "cap": true, "append": true, "make": true, "new": true, "panic": true, "close": true,
	"print": true, "println": true, "real": true, "imag": true,
	"bool": true, "string": true, "byte": true, "rune": true, "int": true, "int64": true, "float32": true, "float64": true,
}

// loneArgument wraps the only argument of a call in oneValue where it might
// count as two.
func loneArgument(c *ast.CallExpr) {
	if id, ok := c.Fun.(*ast.Ident); ok && takesOne[id.Name] || len(c.Args) != 1 {
		return
	}
	arg := c.Args[0]
	for {
		p, ok := arg.(*ast.ParenExpr)
		if !ok {
			break
		}
		arg = p.X
	}
	switch x := arg.(type) {
	case *ast.IndexExpr, *ast.TypeAssertExpr:
	case *ast.UnaryExpr:
		if x.Op != token.ARROW {
			return
		}
	default:
		return
	}
	c.Args[0] = &ast.CallExpr{Fun: &ast.Ident{NamePos: arg.Pos(), Name: oneValue}, Lparen: arg.Pos(), Args: []ast.Expr{arg}, Rparen: arg.End()}
}

// block gives a select without cases one that never comes:
//
//	case <-make(chan int):
func block(s *ast.SelectStmt) {
	if len(s.Body.List) > 0 {
		return
	}
	at := s.Body.Lbrace
	never := &ast.CallExpr{
		Fun: &ast.Ident{NamePos: at, Name: "make"}, Lparen: at, Rparen: at,
		Args: []ast.Expr{&ast.ChanType{Begin: at, Dir: ast.SEND | ast.RECV, Value: &ast.Ident{NamePos: at, Name: "int"}}},
	}
	receive := &ast.ExprStmt{X: &ast.UnaryExpr{OpPos: at, Op: token.ARROW, X: never}}
	s.Body.List = []ast.Stmt{&ast.CommClause{Case: at, Comm: receive, Colon: at}}
}

// guard puts
//
//	defer func() { if r := recover(); r != nil { report(r) } }()
//
// at the head of the function literal that a go statement calls.
func guard(g *ast.GoStmt) {
	fun := g.Call.Fun
	for {
		p, ok := fun.(*ast.ParenExpr)
		if !ok {
			break
		}
		fun = p.X
	}
	lit, ok := fun.(*ast.FuncLit)
	if !ok {
		return
	}
	at := lit.Body.Lbrace
	name := func(s string) *ast.Ident { return &ast.Ident{NamePos: at, Name: s} }
	call := func(f ast.Expr, args ...ast.Expr) *ast.CallExpr {
		return &ast.CallExpr{Fun: f, Lparen: at, Args: args, Rparen: at}
	}
	body := func(list ...ast.Stmt) *ast.BlockStmt {
		return &ast.BlockStmt{Lbrace: at, List: list, Rbrace: at}
	}
	report := &ast.IfStmt{
		If:   at,
		Init: define(at, name("r"), call(name("recover"))),
		Cond: &ast.BinaryExpr{X: name("r"), OpPos: at, Op: token.NEQ, Y: name("nil")},
		Body: body(&ast.ExprStmt{X: call(name(goGuard), name("r"))}),
	}
	handler := &ast.FuncLit{Type: &ast.FuncType{Func: at, Params: &ast.FieldList{Opening: at, Closing: at}}, Body: body(report)}
	head := &ast.DeferStmt{Defer: at, Call: call(handler)}
	lit.Body.List = append([]ast.Stmt{head}, lit.Body.List...)
}

func define(at token.Pos, to *ast.Ident, from ast.Expr) *ast.AssignStmt {
	return &ast.AssignStmt{Lhs: []ast.Expr{to}, TokPos: at, Tok: token.DEFINE, Rhs: []ast.Expr{from}}
}

// freshRange puts "v := v" at the head of the body for the variables that it
// captures.
func freshRange(r *ast.RangeStmt) {
	if r.Tok != token.DEFINE {
		return
	}
	for _, x := range []ast.Expr{r.Value, r.Key} {
		if id, ok := x.(*ast.Ident); ok && captures(r.Body, id.Name) {
			r.Body.List = append([]ast.Stmt{copyOf(id, r.Body.Lbrace)}, r.Body.List...)
		}
	}
}

// freshFor does so for a loop with three clauses, unless the body itself
// changes the variable, which the loop must then see.
func freshFor(f *ast.ForStmt) {
	init, ok := f.Init.(*ast.AssignStmt)
	if !ok || init.Tok != token.DEFINE {
		return
	}
	for _, x := range init.Lhs {
		if id, ok := x.(*ast.Ident); ok && captures(f.Body, id.Name) && !assigns(f.Body, id.Name) {
			f.Body.List = append([]ast.Stmt{copyOf(id, f.Body.Lbrace)}, f.Body.List...)
		}
	}
}

func copyOf(id *ast.Ident, at token.Pos) ast.Stmt {
	return define(at, &ast.Ident{NamePos: at, Name: id.Name}, &ast.Ident{NamePos: at, Name: id.Name})
}

// captures reports whether a function literal in body uses name or something
// takes its address.
func captures(body *ast.BlockStmt, name string) bool {
	found := false
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			found = found || mentions(n.Body, name)
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				found = found || mentions(n.X, name)
			}
		}
		return !found
	})
	return found && name != "_"
}

func mentions(n ast.Node, name string) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && id.Name == name {
			found = true
		}
		return !found
	})
	return found
}

// assigns reports whether body changes name.
func assigns(body *ast.BlockStmt, name string) bool {
	found := false
	is := func(x ast.Expr) bool {
		id, ok := x.(*ast.Ident)
		return ok && id.Name == name
	}
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, x := range n.Lhs {
				found = found || n.Tok != token.DEFINE && is(x)
			}
		case *ast.IncDecStmt:
			found = found || is(n.X)
		}
		return !found
	})
	return found
}
