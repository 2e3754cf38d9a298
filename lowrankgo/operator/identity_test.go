package operator_test

import (
	"math"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/lowranktest"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"gonum.org/v1/gonum/mat"
)

// naiveIdentity lists the entries row by row.
func naiveIdentity(x mat.Matrix) (out []float64) {
	r, c := x.Dims()
	for i := range r {
		for j := range c {
			out = append(out, x.At(i, j))
		}
	}
	return out
}

func TestIdentitySuite(t *testing.T) {
	fuzzed(t, func(t *testing.T, d1, d2, _ int) {
		lowranktest.TestOperator(t, made[*operator.Identity](t)(operator.NewIdentity(d1, d2)), naiveIdentity)
	})
}

// The identity's G is w itself, without a copy.
func TestIdentityAdjointIsW(t *testing.T) {
	op := made[*operator.Identity](t)(operator.NewIdentity(3, 2))
	w, g := []float64{1, 2, 3, 4, 5, 6}, mat.NewDense(3, 2, nil)
	e := lr.DenseEvalOf(op)
	e.Adjoint(w)
	e.AdjointDense(g)
	if !mat.Equal(g, mat.NewDense(3, 2, w)) {
		t.Errorf("G is %v, want %v", g, w)
	}
	if op.Bytes() != 0 {
		t.Errorf("Bytes is %d, want 0", op.Bytes())
	}
}

// Products before there is a G are the programmer's error, and said so.
func TestMulBeforeAdjoint(t *testing.T) {
	id := made[*operator.Identity](t)(operator.NewIdentity(2, 2))
	one := rankOne(t, operator.RankOneEnsemble{D1: 2, D2: 2, M: 3})
	for _, op := range []lr.Operator{id, one} {
		func() {
			defer func() {
				if s, ok := recover().(string); !ok || s != "operator: there is no 𝒜*(w) yet; call Adjoint or ApplyAdjoint first" {
					t.Errorf("%v: the panic is %q", op, s)
				}
			}()
			op.NewEval().Mul(mat.NewDense(2, 1, nil), 0, false, mat.NewDense(2, 1, nil))
		}()
	}
}

func TestIdentityErrors(t *testing.T) {
	build := func(d1, d2 int) error { _, err := operator.NewIdentity(d1, d2); return err }
	checkError(t, "no rows", build(0, 2), lr.ErrShape, []string{"0×2", "at least 1"})
	checkError(t, "too large", build(math.MaxInt, math.MaxInt), lr.ErrValue, []string{"accepted"})
}
