package landscape

import (
	"context"
	"fmt"
	"strings"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"github.com/lowrankgo/lowrank/lowrankgo/sparse"
	"gonum.org/v1/gonum/mat"
)

// What a cell shows of an item's terms names the item or its terms, has the
// numbers, and no verb that does not fit.
func TestTermsPrint(t *testing.T) {
	c := completionCase(t, problem.RandomCompletion{D1: 6, D2: 5, Rank: 1, P: 1, Seed: 1}, RowPenalty{Lambda: 1, Alpha: 0.5})
	x := &lr.Factors{U: lr.NormalMatrix(lr.Stream(1, "U"), 6, 1), V: lr.NormalMatrix(lr.Stream(1, "V"), 5, 1)}
	truth, _ := lr.TruthOf(c.Problem)
	s, err := problem.RandomRobustPCA{D1: 6, D2: 5, Rank: 1, Alpha: 0.2, Seed: 1, Projection: sparse.Exact}.New()
	if err != nil {
		t.Fatal(err)
	}
	r, err := problem.Balance{Of: s, Mu: 0.5}.New()
	if err != nil {
		t.Fatal(err)
	}
	a := mat.NewDiagDense(3, []float64{3, 2, 1})
	show := func(want string) func(v fmt.Stringer, err error) {
		return func(v fmt.Stringer, err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
			got := v.String()
			if !strings.Contains(got, want) || strings.Contains(got, "%!") {
				t.Errorf("%T prints %q, want %q in it", v, got, want)
			}
		}
	}
	worst, err := WorstRow(2)
	show("K(2) = 3.1326859")(worst, err)
	row, err := RowNormCurvature(c.Penalty, x, truth)
	show("[G] Lemma 11")(row, err)
	bound, err := RowBound(c, x)
	show("maxⱼ‖eⱼᵀV‖²")(bound, err)
	direction, err := DirectionCurvature(c, x)
	show("[G] Lemma 10")(direction, err)
	chain, err := CompletionChain(c, x)
	show("[G] Thm 4: Δ:∇²g:Δ")(chain, err)
	identity, err := FactorisationIdentity(a, mat.NewDense(3, 1, []float64{1, 0, 2}))
	show("λᵣ(A) ≥ 15λᵣ₊₁(A), as printed: no")(identity, err)
	swaps, err := SwapSaddles(a, 1)
	show("pair 1 in place of pair 0: λmin = -2 of")(swaps[0], err)
	show("a column of 0 in place of pair 0")(swaps[len(swaps)-1], err)
	constant, err := StrictSaddleConstant(1, 1, []SaddleNumbers{chain.Point})
	show("empirical: c = ")(constant, err)
	near, err := SparseDistance(r, x)
	show("[G] Lemma 14: ‖Δ‖")(near, err)
	robust, err := RobustChain(r, x)
	show("[G] Thm 5: Δ†:∇²g_x:Δ†")(robust, err)
	pseudo, err := PseudoStrictSaddle(context.Background(), r, x, nil, nil)
	show("at the worst of 21 probes")(pseudo, err)
}
