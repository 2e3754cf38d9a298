package landscape

import (
	"context"
	"fmt"
	"strings"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
)

// TestUnregularisedPrint: what each result says in words, at instances where the
// numbers are known.
func TestUnregularisedPrint(t *testing.T) {
	ctx := context.Background()
	diagonal, err := problem.Factorisation{A: mat.NewDense(3, 2, []float64{3, 0, 0, 1, 0, 0}), Rank: 1}.New()
	noError(t, err)
	second := &lr.Factors{U: mat.NewDense(3, 1, []float64{0, 10, 0}), V: mat.NewDense(2, 1, []float64{0, 0.1})}
	balancing, err := BalancedDirection(ctx, diagonal, second, 0.5)
	noError(t, err)
	deficiency, err := DeficientDirection(ctx, diagonal, lr.NewFactors(3, 2, 1))
	noError(t, err)
	few, err := problem.GaussianSensing{D1: 4, D2: 3, Rank: 1, M: 5, Seed: 1}.New()
	noError(t, err)
	restricted, err := RestrictedConvexity(ctx, few, nil)
	noError(t, err)
	lifting, err := LiftIdentity(few, normalFactors(lr.Stream(1, "x"), 4, 3, 1), 0)
	noError(t, err)
	truth, _ := lr.TruthOf(few)
	_, mirrored, err := LiftExtremes(truth)
	noError(t, err)
	norms, err := LiftIsometry(mustForm(t), mirrored, truth)
	noError(t, err)
	consensus, err := Consensus{Parts: []lr.Problem{diagonal, diagonal}, Weights: mat.NewDense(2, 2, []float64{0, 1, 1, 0})}.
		Identity([]*mat.Dense{second.U, second.U}, []*mat.Dense{second.V, second.V})
	noError(t, err)
	points, err := ScalarExample{Mu: 0.5}.Critical()
	noError(t, err)
	for _, c := range []struct {
		of   fmt.Stringer
		says []string
	}{
		{balancing, []string{"‖UᵀU − VᵀV‖ = 99.99", "∇²g(U,V)[D,D] = -2", "rank UVᵀ = r"}},
		{deficiency, []string{"where Ub = 0", "‖∇f‖₂ = 3", "λmin(∇²g) ≤ -3", "it is -3"}},
		{restricted, []string{"β/α ≥ +Inf", "5 equations in 12 unknowns", "β/α ≤ 3/2 (a lower bound of β/α): no"}},
		{lifting, []string{"[G] Lemma 16: Δ:∇²f(W):Δ", "‖U*ᵀU − V*ᵀV‖²", "with equality"}},
		{norms, []string{"N − N*", "(2δ)"}},
		{consensus, []string{"(II.5) = 9", "‖∇‖ = 0;", "critical ⇒ consensus"}},
		{points[0], []string{"(0, 0): a strict saddle, eigenvalues -1 and 1"}},
		{points[1], []string{"(1, 1): a minimiser, eigenvalues 2 and 2"}},
	} {
		got := c.of.String()
		for _, want := range c.says {
			if !strings.Contains(got, want) {
				t.Errorf("%T prints\n%s\nwithout %q", c.of, got, want)
			}
		}
	}
}
