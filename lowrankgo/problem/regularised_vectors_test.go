package problem_test

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
)

// wrapped is one case of testdata/regularised.json; testdata/regularised.md
// says what the fields are and where they come from.
type wrapped struct {
	Name, Kind                       string
	D1                               int
	H0, Mstar                        [][]float64
	Lambda, Alpha                    float64
	Lambda1, Alpha1, Lambda2, Alpha2 float64

	U, V, W  [][]float64
	Vs       [][][]float64
	DirU     [][]float64   `json:"dir_U"`
	DirW     [][]float64   `json:"dir_W"`
	DirVs    [][][]float64 `json:"dir_Vs"`
	GradU    [][]float64   `json:"grad_U"`
	GradW    [][]float64   `json:"grad_W"`
	GradVs   [][][]float64 `json:"grad_Vs"`
	HvpU     [][]float64   `json:"hvp_U"`
	HvpW     [][]float64   `json:"hvp_W"`
	HvpVs    [][][]float64 `json:"hvp_Vs"`
	Value    float64
	Curve    float64 `json:"curvature"`
	Ajs      [][][][]float64
	Xjs      [][][]float64
	As       [][][]float64
	B, Noise []float64

	Ustar, Delta   [][]float64
	N, H1N, GN, HN [][]float64
	NH1N           float64 `json:"N_H1_N"`
	NGN            float64 `json:"N_G_N"`
	NHN            float64 `json:"N_H_N"`
	MH0M           float64 `json:"M_H0_M"`
	Balance        float64
	MNorm2         float64 `json:"M_norm2"`
	NNorm2         float64 `json:"N_norm2"`
	RatioC         float64 `json:"ratio_C"`
	K              float64
	Lhs, Rhs       float64
	QCurve         float64 `json:"Q_curvature"`
	QDot           float64 `json:"Q_grad_dot_delta"`
}

func readWrapped(t *testing.T, kind string) []wrapped {
	t.Helper()
	data, err := os.ReadFile("testdata/regularised.json")
	if err != nil {
		t.Fatal(err)
	}
	var all, some []wrapped
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	for _, w := range all {
		if w.Kind == kind {
			some = append(some, w)
		}
	}
	if len(some) == 0 {
		t.Fatalf("no cases of %s", kind)
	}
	return some
}

const vectorTolerance = 1e-10

// holds compares p with a case's numbers.
func holds(t *testing.T, p lr.Problem, x, d, wantGrad, wantHess *lr.Factors, value, curvature float64) {
	t.Helper()
	v, grad, hess := derivatives(t, p, x, d)
	near(t, "value", vectorTolerance, scalar(v), scalar(value))
	nearFactors(t, "gradient", vectorTolerance, grad, wantGrad)
	nearFactors(t, "Hessian product", vectorTolerance, hess, wantHess)
	near(t, "curvature", vectorTolerance, scalar(d.Dot(hess)), scalar(curvature))
}

func symmetric(u [][]float64) *lr.Factors { return &lr.Factors{U: dense(u)} }

// joint is [V1; …; VJ].
func joint(vs [][][]float64) (all [][]float64) {
	for _, v := range vs {
		all = append(all, v...)
	}
	return all
}

// TestRowNormVectors holds RowNorm over the objective 0 against Q alone.
func TestRowNormVectors(t *testing.T) {
	for _, c := range readWrapped(t, "row_norm") {
		t.Run(c.Name, func(t *testing.T) {
			d, r := len(c.U), len(c.U[0])
			zero := lr.Funcs{
				D1: d, Rank: r, Sym: true,
				GradFunc: func(dst, _ *lr.Factors) float64 {
					if dst != nil {
						dst.U.Zero()
					}
					return 0
				},
				HessFunc: func(dst, _, _ *lr.Factors) { dst.U.Zero() },
			}
			p, err := problem.RowNorm{Of: zero, Lambda: 1, Alpha: c.Alpha}.New()
			holds(t, ok(t, p, err), symmetric(c.U), symmetric(c.DirU), symmetric(c.GradU), symmetric(c.HvpU), c.Value, c.Curve)
		})
	}
}

// TestLiftVectors holds the lift of ½(M−M*):H0:(M−M*) + ⅛R + Q/4 against (16):
// Q is as large there as in (14), which is 4 times the problem inside.
func TestLiftVectors(t *testing.T) {
	for _, c := range readWrapped(t, "lifted") {
		t.Run(c.Name, func(t *testing.T) {
			inside := quadratic(form{dense(c.H0)}, dense(c.Mstar), len(c.W[0]))
			bal, err := problem.Balance{Of: inside, Mu: 0.5}.New()
			q, err2 := problem.RowNorm{
				Of: ok(t, bal, err), Lambda: c.Lambda1 / 4, Alpha: c.Alpha1, LambdaV: c.Lambda2 / 4, AlphaV: c.Alpha2,
			}.New()
			l := lifted(t, ok(t, q, err2))
			holds(t, l, symmetric(c.W), symmetric(c.DirW), symmetric(c.GradW), symmetric(c.HvpW), c.Value, c.Curve)
		})
	}
}

// TestLiftIdentities holds H1, G and H of the tests, and through them the lift
// itself, against Def 7: N:H1:N = M:H0:M, N:G:N = R(U,V), H = 4H1 + G.
func TestLiftIdentities(t *testing.T) {
	for _, c := range readWrapped(t, "lemma16") {
		t.Run(c.Name, func(t *testing.T) {
			f, n := form{dense(c.H0)}, dense(c.N)
			near(t, "H1(N)", vectorTolerance, f.h1(n, c.D1), dense(c.H1N))
			near(t, "G(N)", vectorTolerance, flipped(n, c.D1), dense(c.GN))
			near(t, "H(N)", vectorTolerance, sum4(f.h1(n, c.D1), flipped(n, c.D1)), dense(c.HN))
			near(t, "N:H1:N", vectorTolerance, scalar(c.NH1N), scalar(c.MH0M))
			near(t, "N:H:N", vectorTolerance, scalar(c.NHN), scalar(c.NNorm2+4*(c.MH0M-c.MNorm2)))

			d1, d2 := c.D1, len(c.N)-c.D1
			x := factors(c.U, c.V)
			zero := mat.NewDense(d1, d2, nil)
			whole := balancedForm(t, f, zero, x.Rank())
			plain := lifted(t, quadratic(f, zero, x.Rank()))
			w, err := whole.Point(x)
			e := whole.NewEval().Grad(nil, ok(t, w, err))
			near(t, "½ N:H:N as a value of the lift", vectorTolerance, scalar(2*e), scalar(c.NHN))
			near(t, "½ N:4H1:N", vectorTolerance, scalar(plain.NewEval().Grad(nil, w)), scalar(2*c.NH1N))
			near(t, "½ N:G:N", vectorTolerance, scalar(e-2*c.NH1N), scalar(c.NGN/2))
			near(t, "R(U, V)", vectorTolerance, scalar(c.NGN), scalar(c.Balance))
		})
	}
}

// TestLemma11Vectors compares K(C), and the curvature of RowNorm at the pair
// that attains it.
func TestLemma11Vectors(t *testing.T) {
	attained := 0
	for _, c := range readWrapped(t, "lemma11") {
		t.Run(c.Name, func(t *testing.T) {
			near(t, "K(C)", 1e-8, scalar(problem.LemmaConstant(c.RatioC)), scalar(c.K))
			if c.U == nil {
				return
			}
			attained++
			u, d := dense(c.U), minus(dense(c.U), dense(c.Ustar))
			_, g, h := rowPenalty(c.Lambda, c.Alpha, u, d)
			left := (inner(d, h) - 4*inner(d, g)) / 4
			near(t, "¼[Δ:∇²Q:Δ − 4⟨∇Q, Δ⟩]", 1e-9, scalar(left), scalar(c.Lhs))
			right := problem.LemmaConstant(c.RatioC) * c.Lambda * c.Alpha * c.Alpha * inner(d, d)
			near(t, "K(C)λα²‖Δ‖²", 1e-9, scalar(right), scalar(c.Rhs))
		})
	}
	if attained < 3 {
		t.Errorf("%d cases attain the bound, want 3", attained)
	}
}

// TestSeparableVectors holds Separable against [L](II.3).
func TestSeparableVectors(t *testing.T) {
	for _, c := range readWrapped(t, "l_separable") {
		t.Run(c.Name, func(t *testing.T) {
			var parts []lr.Problem
			for j, as := range c.Ajs {
				op, b := sensingMap(t, as, dense(c.Xjs[j]))
				if r := len(c.U[0]); len(c.Vs[j]) < r {
					parts = append(parts, slowPart(as, b, r))
					continue
				}
				p, err := problem.Sensing{Operator: op, B: b, Rank: len(c.U[0])}.New()
				parts = append(parts, ok(t, p, err))
			}
			s, err := problem.Separable{Parts: parts}.New()
			holds(t, ok(t, s, err), factors(c.U, joint(c.Vs)), factors(c.DirU, joint(c.DirVs)),
				factors(c.GradU, joint(c.GradVs)), factors(c.HvpU, joint(c.HvpVs)), c.Value, c.Curve)
		})
	}
}

// slowPart is ½Σ(⟨Aᵢ, UVᵀ⟩ − bᵢ)² by plain loops, with a rank that may be above
// the number of columns.
func slowPart(as [][][]float64, b []float64, r int) lr.Problem {
	slow := naive{b: b, w: 1}
	for _, a := range as {
		slow.as = append(slow.as, dense(a))
	}
	return lr.Funcs{
		D1: len(as[0]), D2: len(as[0][0]), Rank: r,
		GradFunc: func(dst, x *lr.Factors) float64 {
			v, g, _ := slow.eval(x, x)
			if dst != nil {
				dst.CopyFrom(g)
			}
			return v
		},
		HessFunc: func(dst, x, d *lr.Factors) {
			_, _, h := slow.eval(x, d)
			dst.CopyFrom(h)
		},
	}
}

// sensingMap is the map of the matrices as, and what it gives for x.
func sensingMap(t *testing.T, as [][][]float64, x *mat.Dense) (lr.Operator, []float64) {
	t.Helper()
	d1, d2 := x.Dims()
	rows, b := mat.NewDense(len(as), d1*d2, nil), make([]float64, len(as))
	for i, a := range as {
		for k, row := range a {
			copy(rows.RawRowView(i)[k*d2:], row)
		}
		b[i] = inner(dense(a), x)
	}
	op, err := operator.NewDense(d1, d2, rows)
	return ok(t, op, err), b
}

// TestNoiseVectors holds LinearNoise against noise as Q in Lemma 7, for
// objective (10): the whole left side, and what Q adds to it.
func TestNoiseVectors(t *testing.T) {
	for _, c := range readWrapped(t, "lemma7_noise") {
		t.Run(c.Name, func(t *testing.T) {
			op, b := sensingMap(t, c.As, dense(c.Mstar))
			for i, n := range c.Noise {
				near(t, "b", vectorTolerance, scalar(b[i]+n), scalar(c.B[i]))
			}
			clean, err := problem.Sensing{Operator: op, B: b, Rank: len(c.U[0]), Scale: problem.ScaleMean, Symmetric: true}.New()
			noisy, err2 := problem.LinearNoise{Of: ok(t, clean, err), Noise: c.Noise}.New()
			u, delta := symmetric(c.U), symmetric(c.Delta)
			v, g, h := derivatives(t, ok(t, noisy, err2), u, delta)
			_, g0, h0 := derivatives(t, clean, u, delta)
			near(t, "Δ:∇²f:Δ", vectorTolerance, scalar(delta.Dot(h)), scalar(c.Lhs))
			near(t, "Δ:∇²Q:Δ", vectorTolerance, scalar(delta.Dot(h)-delta.Dot(h0)), scalar(c.QCurve))
			near(t, "⟨∇Q, Δ⟩", vectorTolerance, scalar(g.Dot(delta)-g0.Dot(delta)), scalar(c.QDot))

			same, err := problem.Sensing{Operator: op, B: c.B, Rank: len(c.U[0]), Scale: problem.ScaleMean, Symmetric: true}.New()
			want := ok(t, same, err).NewEval().Grad(nil, u)
			if math.Abs(v-want) > 1e-12*(1+want) {
				t.Errorf("value %.17g, with the noise in b %.17g", v, want)
			}
		})
	}
}
