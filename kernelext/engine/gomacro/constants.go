package gomacro

import (
	"go/ast"
	"go/constant"
	"go/token"

	"golang.org/x/tools/go/ast/astutil"
)

// foldBig replaces literal integers beyond 64 bits, such as 1<<80, by the
// same number as a literal with a decimal point: gomacro turns the integer
// into a float64 of value 0.
func foldBig(n ast.Node) ast.Node {
	return astutil.Apply(n, func(c *astutil.Cursor) bool {
		x, ok := c.Node().(ast.Expr)
		if !ok {
			return true
		}
		v := literal(x)
		if v == nil {
			return true
		}
		if _, small := constant.Uint64Val(v); small {
			return false
		}
		if _, small := constant.Int64Val(v); !small {
			c.Replace(&ast.BasicLit{ValuePos: x.Pos(), Kind: token.FLOAT, Value: v.ExactString() + ".0"})
		}
		return false
	}, nil)
}

// maxShift bounds the shifts that are folded.
const maxShift = 4096

// literal is the value of an expression made of integer literals alone, else
// nil.
func literal(x ast.Expr) constant.Value {
	switch x := x.(type) {
	case *ast.ParenExpr:
		return literal(x.X)
	case *ast.BasicLit:
		if x.Kind == token.INT {
			if v := constant.MakeFromLiteral(x.Value, token.INT, 0); v.Kind() == constant.Int {
				return v
			}
		}
	case *ast.UnaryExpr:
		if v := literal(x.X); v != nil && (x.Op == token.SUB || x.Op == token.ADD) {
			return constant.UnaryOp(x.Op, v, 0)
		}
	case *ast.BinaryExpr:
		return binary(literal(x.X), x.Op, literal(x.Y))
	}
	return nil
}

func binary(a constant.Value, op token.Token, b constant.Value) constant.Value {
	if a == nil || b == nil {
		return nil
	}
	switch op {
	case token.ADD, token.SUB, token.MUL, token.AND, token.OR, token.XOR, token.AND_NOT:
		return constant.BinaryOp(a, op, b)
	case token.QUO, token.REM:
		if constant.Sign(b) == 0 {
			return nil
		}
		if op == token.QUO {
			op = token.QUO_ASSIGN // integer division
		}
		return constant.BinaryOp(a, op, b)
	case token.SHL, token.SHR:
		if n, ok := constant.Uint64Val(b); ok && n <= maxShift {
			return constant.Shift(a, op, uint(n))
		}
	}
	return nil
}
