package landscape

import (
	"context"
	"fmt"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/par"
	"gonum.org/v1/gonum/mat"
)

// maxHessian is the largest number of variables of a Hessian that is stored.
const maxHessian = 2000

// HessianEigenvalues returns all eigenvalues of ∇²g(x), ascending, over the
//
//	n = r(d1 + d2)    (symmetric: n = rd)
//
// variables of U and then V. Those of directions in which g does not change are
// among them: at a critical point r(r−1)/2 zeros where only orthogonal matrices
// leave g as it is, r² where GL(r) does, as [Certificate.GaugeDim] counts them.
//
// The Hessian is formed column by column, by n Hessian-vector products over as
// many threads as there are, and decomposed as a dense matrix, in about 4n³/3
// flops and 16n² bytes: 3 ms for n = 100, 1 s for 1,000 and 9 s for 2,000,
// which is the most that is accepted. Beyond it [Certify] finds the smallest
// eigenvalue without a matrix.
//
// A problem without Hessian products is an error that wraps
// [lr.ErrAbility]; of one that has a majoriser at x, [lr.MajoriserOf] gives a
// problem that has them. It ends with ctx's error when ctx does; a
// decomposition that has begun is then left to end beside it.
func HessianEigenvalues(ctx context.Context, p lr.Problem, x *lr.Factors) (values []float64, err error) {
	if err := checkHessian(p, x); err != nil {
		return nil, err
	}
	defer func() {
		if r := recover(); r != nil {
			values, err = nil, fmt.Errorf("landscape: %s panics while its Hessian is formed: %v: %w", describe(p), r, lr.ErrFailed)
		}
	}()
	h, err := denseHessian(ctx, p, x)
	if err != nil {
		return nil, err
	}
	type found struct {
		values []float64
		ok     bool
	}
	done := make(chan found, 1)
	go func() {
		var eig mat.EigenSym
		if !eig.Factorize(h, false) {
			done <- found{}
			return
		}
		done <- found{eig.Values(nil), true}
	}()
	select {
	case f := <-done:
		if !f.ok {
			return nil, fmt.Errorf("landscape: the eigenvalues of the Hessian of %v did not converge: %w", describe(p), lr.ErrFailed)
		}
		return f.values, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// checkHessian checks what HessianEigenvalues is given.
func checkHessian(p lr.Problem, x *lr.Factors) error {
	if err := lr.CheckProblem(p); err != nil {
		return err
	}
	if err := lr.CheckPoint(p, x); err != nil {
		return err
	}
	if n := variables(x); n > maxHessian {
		return fmt.Errorf("landscape: the Hessian of %v has %d variables; at most %d are accepted for a dense one, use Certify for its smallest eigenvalue: %w",
			describe(p), n, maxHessian, lr.ErrValue)
	}
	if _, ok := lr.HessVecOf(p); !ok {
		advice := "use Certify, which takes differences of gradients"
		if lr.MajorisedOf(p) {
			advice = "use lowrankgo.MajoriserOf for the smooth problem above it at the point"
		}
		return fmt.Errorf("landscape: %v has no %v; %s: %w", describe(p), lr.AbilityHessVec, advice, lr.ErrAbility)
	}
	return nil
}

// describe prints p with its parameters when it can, else by its type.
func describe(p lr.Problem) string {
	if s, ok := p.(fmt.Stringer); ok {
		return s.String()
	}
	return fmt.Sprintf("%T", p)
}

// variables counts the entries of x.
func variables(x *lr.Factors) int {
	n := len(x.U.RawMatrix().Data)
	if x.V != nil {
		n += len(x.V.RawMatrix().Data)
	}
	return n
}

// hessianBlocks bounds the evaluators that form a dense Hessian.
const hessianBlocks = 8

// denseHessian is ∇²g(x) as a matrix: column k from the product with the k-th
// unit vector, and of what rounding makes asymmetric the mean.
func denseHessian(ctx context.Context, p lr.Problem, x *lr.Factors) (*mat.SymDense, error) {
	n := variables(x)
	columns := mat.NewDense(n, n, nil) // row k is column k of the Hessian
	blocks := par.Blocks(n, 16, hessianBlocks)
	par.New(func(b int) {
		eval, _ := lr.HessVecOf(p)
		e, product := x.Clone(), x.Clone()
		e.Scale(0)
		eval.Grad(nil, x)
		lo, hi := par.Bounds(n, blocks, b)
		for k := lo; k < hi && ctx.Err() == nil; k++ {
			at := variable(e, k)
			*at = 1
			eval.HessVec(product, x, e)
			*at = 0
			flatten(columns.RawRowView(k), product)
		}
	}).Run(blocks)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	h := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			v := (columns.At(i, j) + columns.At(j, i)) / 2
			if v-v != 0 {
				return nil, fmt.Errorf("landscape: the Hessian of %v has NaN or infinite entries at the point: %w", describe(p), lr.ErrValue)
			}
			h.SetSym(i, j, v)
		}
	}
	return h, nil
}

// variable is the k-th entry of x, those of U first, row by row.
func variable(x *lr.Factors, k int) *float64 {
	r := x.Rank()
	if k < r*x.U.RawMatrix().Rows {
		return &x.U.RawRowView(k / r)[k%r]
	}
	k -= r * x.U.RawMatrix().Rows
	return &x.V.RawRowView(k / r)[k%r]
}

// flatten copies all entries of x to dst, those of U first, row by row.
func flatten(dst []float64, x *lr.Factors) {
	r, d := x.Rank(), x.U.RawMatrix().Rows
	for i := range d {
		copy(dst[i*r:], x.U.RawRowView(i))
	}
	if x.V == nil {
		return
	}
	for i := range x.V.RawMatrix().Rows {
		copy(dst[(d+i)*r:], x.V.RawRowView(i))
	}
}
