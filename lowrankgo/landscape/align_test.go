package landscape

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// geometryCase is one case of testdata/identities_c.json or operators_c.json,
// whose fields say what the names mean.
type geometryCase struct {
	Name, Kind                  string
	U, V, Ustar, Vstar          [][]float64
	R, Delta                    [][]float64
	Distance                    float64
	SingularValues              []float64 `json:"singular_values"`
	Unique                      bool
	SigmaR                      float64 `json:"sigma_r"`
	DeltaNorm2                  float64 `json:"delta_norm2"`
	Lhs1, Rhs1, Lhs2, Rhs2      float64
	H, H0, Mstar, Xstar         [][]float64
	Weights                     [][]float64
	Lambda, Alpha, Mu, Tau      float64
	RIs                         string `json:"R_is"`
	Lhs, DHD, EHE               float64
	GradDotDelta                float64 `json:"grad_dot_delta"`
	QCurvature                  float64 `json:"Q_curvature"`
	QGradDotDelta               float64 `json:"Q_grad_dot_delta"`
	As                          [][][]float64
	B, Noise                    []float64
	LhsMatrix                   [][]float64 `json:"lhs_matrix"`
	RhsMatrix                   [][]float64 `json:"rhs_matrix"`
	RIPDelta                    float64     `json:"rip_delta"`
	Error2                      float64
	GradientNorm                float64 `json:"gradient_norm"`
	LiftedError2                float64 `json:"lifted_error2"`
	Bound1, Bound2, Bound3      float64
	M                           [][]float64
	Rank                        int     `json:"rank"`
	Columns                     int     `json:"r"`
	MuRows                      float64 `json:"mu_rows"`
	MuColumns                   float64 `json:"mu_columns"`
	Sigma1                      float64
	MaxEntry                    float64 `json:"max_entry"`
	MaxEntryBound               float64 `json:"max_entry_bound"`
	Lower, Upper                float64
	LowerSymmetric              *float64 `json:"lower_symmetric"`
	UpperSymmetric              float64  `json:"upper_symmetric"`
	DeltaValue                  float64
	Epsilon, Value, ValueAtStar float64
	Eigenvalues                 []float64 `json:"hessian_eigenvalues"`
}

// geometryCases reads the cases of a kind from a file of testdata; one of the
// names must be there.
func geometryCases(t testing.TB, file, kind string) []geometryCase {
	t.Helper()
	data, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var all struct{ Cases []json.RawMessage }
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	var out []geometryCase
	for _, raw := range all.Cases {
		var head struct{ Kind string }
		if err := json.Unmarshal(raw, &head); err != nil {
			t.Fatal(err)
		}
		if head.Kind != kind {
			continue
		}
		out = append(out, readGeometryCase(t, raw))
	}
	if len(out) == 0 {
		t.Fatalf("%s has no case of kind %s", file, kind)
	}
	return out
}

// readGeometryCase reads one case; in some kinds delta is a number.
func readGeometryCase(t testing.TB, raw json.RawMessage) geometryCase {
	t.Helper()
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		t.Fatal(err)
	}
	if v, ok := fields["delta"]; ok && v[0] != '[' {
		fields["DeltaValue"] = v
		delete(fields, "delta")
	}
	raw, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	var c geometryCase
	if err := json.Unmarshal(raw, &c); err != nil {
		t.Fatalf("%s: %v", fields["name"], err)
	}
	return c
}

func rowsMatrix(rows [][]float64) *mat.Dense {
	if rows == nil {
		return nil
	}
	m := mat.NewDense(len(rows), len(rows[0]), nil)
	for i, row := range rows {
		m.SetRow(i, row)
	}
	return m
}

func rowsFactors(u, v [][]float64) *lr.Factors {
	return &lr.Factors{U: rowsMatrix(u), V: rowsMatrix(v)}
}

// vectorNear is the tolerance of the vectors.
func vectorNear(t testing.TB, what string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 1e-10*(1+math.Abs(want))) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

func matrixNear(t testing.TB, what string, got mat.Matrix, want [][]float64) {
	t.Helper()
	w := rowsMatrix(want)
	var off mat.Dense
	off.Sub(got, w)
	if d := maxAbs(&off); !(d <= 1e-10*(1+maxAbs(w))) {
		t.Errorf("%s is off by %v:\n%v\nwant\n%v", what, d, mat.Formatted(got), mat.Formatted(w))
	}
}

func maxAbs(a mat.Matrix) float64 { return math.Max(mat.Max(a), -mat.Min(a)) }

func TestAlignVectors(t *testing.T) {
	for _, c := range geometryCases(t, "identities_c.json", "def6") {
		t.Run(c.Name, func(t *testing.T) {
			x, truth := rowsFactors(c.U, nil), rowsFactors(c.Ustar, nil)
			a, err := Align(x, truth)
			if err != nil {
				t.Fatal(err)
			}
			vectorNear(t, "distance", a.Distance, c.Distance)
			for i, s := range c.SingularValues {
				vectorNear(t, "singular value", a.Singular[i], s)
			}
			if a.Unique != c.Unique {
				t.Errorf("unique: %t, want %t", a.Unique, c.Unique)
			}
			if c.Unique {
				matrixNear(t, "R", a.R, c.R)
				matrixNear(t, "Δ", a.Delta.U, c.Delta)
			}
			if err := checkRotation("test", a.R, x.Rank()); err != nil {
				t.Error(err)
			}
			var sum mat.Dense
			sum.Add(a.Nearest.U, a.Delta.U)
			matrixNear(t, "U*R + Δ", &sum, c.U)
			if got := lr.SqErr(a.Nearest, truth); got > 1e-20 {
				t.Errorf("the nearest solution is %v away from M*", got)
			}
		})
	}
}

// normalFactors draws factors of a d1×d2 matrix, symmetric when d2 is 0.
func normalFactors(rng *rand.Rand, d1, d2, r int) *lr.Factors {
	x := &lr.Factors{U: lr.NormalMatrix(rng, d1, r)}
	if d2 > 0 {
		x.V = lr.NormalMatrix(rng, d2, r)
	}
	return x
}

// rotation is a random orthogonal matrix.
func rotation(rng *rand.Rand, r int) *mat.Dense {
	var qr mat.QR
	qr.Factorize(lr.NormalMatrix(rng, r, r))
	q := new(mat.Dense)
	qr.QTo(q)
	return q
}

// drawnSize is a shape, a rank and a seed for properties; d2 is 0 when symmetric.
type drawnSize struct {
	d1, d2, r int
	seed      uint64
}

func drawSize(t *rapid.T, symmetric bool) drawnSize {
	s := drawnSize{d1: rapid.IntRange(1, 20).Draw(t, "d1"), seed: rapid.Uint64().Draw(t, "seed")}
	top := s.d1
	if !symmetric {
		s.d2 = rapid.IntRange(1, 20).Draw(t, "d2")
		top = min(top, s.d2)
	}
	s.r = rapid.IntRange(1, top).Draw(t, "r")
	return s
}

// TestAlignProperty: no rotation comes nearer than R; a turned point is as near,
// and turns R with it.
func TestAlignProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSize(t, rapid.Bool().Draw(t, "symmetric"))
		rng := lr.Stream(s.seed, "align")
		x, truth := normalFactors(rng, s.d1, s.d2, s.r), normalFactors(rng, s.d1, s.d2, s.r)
		a, err := Align(x, truth)
		if err != nil {
			t.Fatal(err)
		}
		f, err := newFrame("test", x, truth)
		if err != nil {
			t.Fatal(err)
		}
		for range 20 {
			if b := f.turned(rotation(rng, s.r)); b.Distance < a.Distance*(1-1e-12) {
				t.Fatalf("a random rotation is nearer: %v < %v", b.Distance, a.Distance)
			}
		}
		q := rotation(rng, s.r)
		y := x.Clone()
		y.U.Mul(x.U, q)
		if x.V != nil {
			y.V.Mul(x.V, q)
		}
		b, err := Align(y, truth)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(a.Distance-b.Distance) > 1e-10*(a.Distance+x.Norm()) {
			t.Fatalf("distance %v, and %v after a rotation of the point", a.Distance, b.Distance)
		}
		if got := a.Delta.Norm(); math.Abs(got-a.Distance) > 1e-12*got {
			t.Fatalf("‖Δ‖ = %v, Distance = %v", got, a.Distance)
		}
	})
}

// TestAlignTruths: the same M* given in other factors, with other columns, or
// unbalanced, is the same truth.
func TestAlignTruths(t *testing.T) {
	rng := lr.Stream(1, "truths")
	x, truth := normalFactors(rng, 7, 5, 3), normalFactors(rng, 7, 5, 2)
	want, err := Align(x, truth)
	if err != nil {
		t.Fatal(err)
	}
	wide := &lr.Factors{U: mat.DenseCopyOf(truth.Dense()), V: mat.NewDense(5, 5, nil)}
	for i := range 5 {
		wide.V.Set(i, i, 1)
	}
	tall := truth.Clone()
	tall.U.Scale(1e3, tall.U)
	tall.V.Scale(1e-3, tall.V)
	for name, other := range map[string]*lr.Factors{"M*·I": wide, "unbalanced": tall} {
		got, err := Align(x, other)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		vectorNear(t, name, got.Distance, want.Distance)
		vectorNear(t, name+": σ₁", got.Sigma[0], want.Sigma[0])
	}
	if want.Unique || want.Sigma[2] != 0 {
		t.Errorf("M* of rank 2 beside a point of rank 3: unique %t, σ₃ = %v; want not unique, 0", want.Unique, want.Sigma[2])
	}

	sym, star := normalFactors(rng, 6, 0, 2), normalFactors(rng, 6, 0, 2)
	want, err = Align(sym, star)
	if err != nil {
		t.Fatal(err)
	}
	both := &lr.Factors{U: star.Dense(), V: mat.NewDense(6, 6, nil)}
	for i := range 6 {
		both.V.Set(i, i, 1)
	}
	got, err := Align(sym, both)
	if err != nil {
		t.Fatal(err)
	}
	vectorNear(t, "symmetric M*·I", got.Distance, want.Distance)
	lifted, err := Align(&lr.Factors{U: sym.U, V: sym.U}, star)
	if err != nil {
		t.Fatal(err)
	}
	vectorNear(t, "the same as an asymmetric point", lifted.Distance, math.Sqrt2*want.Distance)
}

func TestAlignInput(t *testing.T) {
	rng := lr.Stream(2, "input")
	x, truth := normalFactors(rng, 5, 4, 2), normalFactors(rng, 5, 4, 2)
	bad := x.Clone()
	bad.U.Set(0, 0, math.NaN())
	sym := normalFactors(rng, 5, 0, 2)
	indefinite := &lr.Factors{U: sym.U, V: mat.DenseCopyOf(sym.U)}
	indefinite.V.Scale(-1, indefinite.V)
	large, small := x.Clone(), x.Clone()
	large.Scale(1e90)
	small.Scale(1e-90)
	for name, c := range map[string]struct {
		x, truth *lr.Factors
		want     error
	}{
		"huge":                {large, truth, lr.ErrValue},
		"a huge truth":        {x, large, lr.ErrValue},
		"tiny":                {small, small, lr.ErrValue},
		"NaN in the point":    {bad, truth, lr.ErrValue},
		"NaN in the truth":    {x, bad, lr.ErrValue},
		"no point":            {nil, truth, lr.ErrShape},
		"no truth":            {x, nil, lr.ErrShape},
		"another shape":       {x, normalFactors(rng, 5, 5, 2), lr.ErrShape},
		"a truth of rank 3":   {x, normalFactors(rng, 5, 4, 3), lr.ErrRank},
		"a truth that is not": {sym, indefinite, lr.ErrRank},
		"an asymmetric truth": {sym, normalFactors(rng, 5, 5, 1), lr.ErrRank},
		"symmetric, rank 3":   {sym, normalFactors(rng, 5, 0, 3), lr.ErrRank},
	} {
		if _, err := Align(c.x, c.truth); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if _, err := DistanceBounds(c.x, c.truth); !errors.Is(err, c.want) {
			t.Errorf("DistanceBounds, %s: %v, want %v", name, err, c.want)
		}
		if _, _, err := SpectralDistanceBounds(c.x, c.truth); !errors.Is(err, c.want) {
			t.Errorf("SpectralDistanceBounds, %s: %v, want %v", name, err, c.want)
		}
	}
	if a, err := Align(small, truth); err != nil || math.Abs(a.Distance/a.Nearest.Norm()-1) > 1e-12 {
		t.Errorf("a tiny point beside a truth: %v, %v", a, err)
	}
	if a, err := Align(lr.NewFactors(5, 4, 2), truth); err != nil || a.Unique || a.Distance == 0 {
		t.Errorf("the point 0: %v, %v", a, err)
	}
	if a, err := Align(lr.NewFactors(5, 4, 2), lr.NewFactors(5, 4, 2)); err != nil || a.Distance != 0 {
		t.Errorf("0 and the truth 0: %v, %v", a, err)
	}
	if err := checkRotation("test", mat.NewDense(2, 2, []float64{1, 1, 0, 1}), 2); !errors.Is(err, lr.ErrValue) {
		t.Errorf("a shear as R: %v", err)
	}
	if err := checkRotation("test", mat.NewDense(1, 1, []float64{1}), 2); !errors.Is(err, lr.ErrShape) {
		t.Errorf("R of another size: %v", err)
	}
}

// The factors of the truth are known up to a rotation; Align finds the one next
// to the point.
func ExampleAlign() {
	truth := &lr.Factors{U: mat.NewDense(3, 1, []float64{1, 2, 2})}
	x := &lr.Factors{U: mat.NewDense(3, 1, []float64{-1, -2, -1.5})}
	a, err := Align(x, truth)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("R = %v, ‖Δ‖ = %.2f, σ* = %.0f\n", a.R.At(0, 0), a.Distance, a.Sigma[0])
	// Output:
	// R = -1, ‖Δ‖ = 0.50, σ* = 9
}
