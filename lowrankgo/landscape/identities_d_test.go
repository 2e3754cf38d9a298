package landscape

import (
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
)

// independent is a case of testdata/identities_d.json, whose fields it explains.
type independent struct {
	Name, Kind string

	RatioC        float64 `json:"ratio_C"`
	K             float64
	KClosedForm   float64 `json:"K_closed_form"`
	RowT          float64 `json:"row_t"`
	RowS          float64 `json:"row_s"`
	Lambda, Alpha float64
	LHS, RHS      float64

	A, P, U, Ustar, Delta [][]float64
	PR                    [][]float64 `json:"P_r"`
	DD, EE                float64
	GradDotDelta          float64 `json:"grad_dot_delta"`
	ResidueTerm           float64 `json:"residue_term"`
	LHSNoHalf             float64 `json:"lhs_no_half"`
	GradNoHalf            float64 `json:"grad_dot_delta_no_half"`
	Eigenvalues           []float64
	LambdaMin             float64 `json:"lambda_min"`

	Mo             [][]float64
	S              [][]float64
	RowCap         int `json:"row_cap"`
	ColCap         int `json:"col_cap"`
	Cap            float64
	DistanceDagger float64 `json:"distance_dagger"`
	Distance       float64
	Kappa, Ratio   float64
}

// independents returns the cases of a kind; there must be at least so many.
func independents(t testing.TB, kind string, least int) []independent {
	t.Helper()
	raw, err := os.ReadFile("testdata/identities_d.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Cases []independent }
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	var out []independent
	for _, c := range file.Cases {
		if c.Kind == kind {
			out = append(out, c)
		}
	}
	if len(out) < least {
		t.Fatalf("%d cases of %s, want at least %d", len(out), kind, least)
	}
	return out
}

// dense is a matrix of rows.
func (independent) dense(rows [][]float64) *mat.Dense {
	m := mat.NewDense(len(rows), len(rows[0]), nil)
	for i, row := range rows {
		m.SetRow(i, row)
	}
	return m
}

func (c independent) symmetric(rows [][]float64) *lr.Factors { return &lr.Factors{U: c.dense(rows)} }

// agrees holds a number against the value wanted, relative to 1 + |want|.
func agrees(t testing.TB, what string, got, want, tol float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tol*(1+math.Abs(want))) {
		t.Errorf("%s is %.17g, want %.17g", what, got, want)
	}
}

// agreesMatrix does the same of matrices, relative to 1 + the largest entry.
func agreesMatrix(t testing.TB, what string, got mat.Matrix, want *mat.Dense, tol float64) {
	t.Helper()
	var diff mat.Dense
	diff.Sub(got, want)
	size := 1 + math.Max(mat.Max(want), -mat.Min(want))
	if off := math.Max(mat.Max(&diff), -mat.Min(&diff)); !(off <= tol*size) {
		t.Errorf("%s is off by %.3g", what, off)
	}
}

// sure reports what a check that must hold anywhere says, when it does not.
func sure(t interface{ Fatalf(string, ...any) }, seed uint64, checks ...Check) {
	for _, c := range checks {
		if !c.Holds(1e-10) {
			t.Fatalf("seed %d: %v", seed, c)
		}
	}
}

// TestIndependentNames sees that no case is left unread.
func TestIndependentNames(t *testing.T) {
	for _, kind := range []string{"lemma11", "lemma13", "lemma14"} {
		for _, c := range independents(t, kind, 2) {
			if !strings.HasPrefix(c.Name, kind+"/") {
				t.Errorf("%s is of kind %s", c.Name, kind)
			}
		}
	}
}
