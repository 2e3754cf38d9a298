package solver_test

import (
	"fmt"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/solver"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize"
)

// long is a point as one vector.
func long(x *lr.Factors) *mat.VecDense {
	out := append([]float64(nil), x.U.RawMatrix().Data...)
	if x.V != nil {
		out = append(out, x.V.RawMatrix().Data...)
	}
	return mat.NewVecDense(len(out), out)
}

// naiveBFGS is −H·g with H a dense matrix: γI, γ of the newest pair, updated by
// the last memory pairs as
//
//	H ← (I − s·yᵀ/⟨s,y⟩)·H·(I − y·sᵀ/⟨s,y⟩) + s·sᵀ/⟨s,y⟩.
func naiveBFGS(points []visited, memory int) *mat.VecDense {
	last := len(points) - 1
	g := long(points[last].grad)
	n := g.Len()
	h := mat.NewDense(n, n, nil)
	for i := range n {
		h.Set(i, i, 1)
	}
	for k := max(1, last-memory+1); k <= last; k++ {
		var s, y mat.VecDense
		s.SubVec(long(points[k].x), long(points[k-1].x))
		y.SubVec(long(points[k].grad), long(points[k-1].grad))
		sy := mat.Dot(&s, &y)
		if k == max(1, last-memory+1) {
			var ns, ny mat.VecDense
			ns.SubVec(long(points[last].x), long(points[last-1].x))
			ny.SubVec(long(points[last].grad), long(points[last-1].grad))
			h.Scale(mat.Dot(&ns, &ny)/mat.Dot(&ny, &ny), h)
		}
		left := mat.NewDense(n, n, nil)
		left.Outer(-1/sy, &s, &y)
		for i := range n {
			left.Set(i, i, left.At(i, i)+1)
		}
		var both, ss mat.Dense
		both.Product(left, h, left.T())
		ss.Outer(1/sy, &s, &s)
		h.Add(&both, &ss)
	}
	out := mat.NewVecDense(n, nil)
	out.MulVec(h, g)
	out.ScaleVec(-1, out)
	return out
}

func TestLBFGSIsItsDefinition(t *testing.T) {
	for name, p := range problems(t) {
		for _, memory := range []int{1, 3, 10} {
			points := pathOf(t, p, solver.LBFGS{Memory: memory}, start(t, starts["random"], p), 20)
			for k := 1; k < len(points); k++ {
				want := naiveBFGS(points[:k], memory)
				var gap mat.VecDense
				gap.SubVec(long(move(points[k-1], points[k])), want)
				if e := mat.Norm(&gap, 2) / mat.Norm(want, 2); e > 1e-5 {
					t.Errorf("%s, memory %d: direction %d is %g from that of the dense matrix", name, memory, k, e)
					break
				}
			}
		}
	}
}

func TestLBFGSWolfe(t *testing.T) {
	for name, p := range problems(t) {
		for _, curvature := range []float64{0.9, 0.3} {
			points := pathOf(t, p, solver.LBFGS{Curvature: curvature}, start(t, starts["random"], p), 30)
			checkPath(t, fmt.Sprintf("%s, curvature %g", name, curvature), points, curvature, 0)
		}
	}
}

// More memory, fewer steps, on an ill-conditioned quadratic.
func TestLBFGSMemory(t *testing.T) {
	p := bowl(1e4)
	var counts []int
	for _, memory := range []int{1, 5, 20} {
		res := solve(t, p, solver.LBFGS{Memory: memory}, start(t, starts["random"], p), nil)
		if !res.Status.Converged() {
			t.Fatalf("memory %d: %v", memory, res.Status)
		}
		counts = append(counts, res.Iter)
	}
	if !(counts[2] < counts[1] && counts[1] < counts[0]) {
		t.Errorf("%v steps with 1, 5 and 20 pairs; want fewer with more", counts)
	}
}

// One value with gradient a step, seldom two: the promise of the doc comment.
func TestLBFGSCost(t *testing.T) {
	for name, p := range problems(t) {
		res := solve(t, p, solver.LBFGS{}, start(t, starts["spectral"], p), nil)
		if res.Evals > res.Iter*5/4+3 {
			t.Errorf("%s: %d evaluations for %d steps", name, res.Evals, res.Iter)
		}
	}
}

// TestLBFGSBesideGonum: the same answer as gonum's, with as many pairs, at
// fewer evaluations over all.
func TestLBFGSBesideGonum(t *testing.T) {
	ours, theirs := 0, 0
	for _, p := range problems(t) {
		for _, s := range starts {
			a, b := sideBySide(t, p, start(t, s, p), solver.LBFGS{Memory: 15}, solver.Gonum{Method: &optimize.LBFGS{}})
			ours, theirs = ours+a, theirs+b
		}
	}
	t.Logf("evaluations: %d, gonum's %d", ours, theirs)
	if ours > theirs {
		t.Errorf("%d evaluations, gonum's LBFGS %d", ours, theirs)
	}
}
