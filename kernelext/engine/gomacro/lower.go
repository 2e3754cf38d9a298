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
//     since Go 1.22.
func (s *session) lower(nodes []ast.Node) []ast.Node {
	for _, n := range nodes {
		ast.Inspect(n, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GoStmt:
				guard(n)
			case *ast.ForStmt:
				freshFor(n)
			case *ast.RangeStmt:
				freshRange(n)
			}
			return true
		})
	}
	return nodes
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
	block := func(list ...ast.Stmt) *ast.BlockStmt {
		return &ast.BlockStmt{Lbrace: at, List: list, Rbrace: at}
	}
	report := &ast.IfStmt{
		If:   at,
		Init: define(at, name("r"), call(name("recover"))),
		Cond: &ast.BinaryExpr{X: name("r"), OpPos: at, Op: token.NEQ, Y: name("nil")},
		Body: block(&ast.ExprStmt{X: call(name(goGuard), name("r"))}),
	}
	handler := &ast.FuncLit{Type: &ast.FuncType{Func: at, Params: &ast.FieldList{Opening: at, Closing: at}}, Body: block(report)}
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
