package landscape

import (
	"encoding/json"
	"os"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
)

// liftVector is a case of identities_e.json; the file's fields explain the
// names.
type liftVector struct {
	Name, Kind string
	U, V       [][]float64

	// lemma16
	H0, Mstar, Nstar, N, H1N, GN, HN [][]float64
	Lambda1, Alpha1, Lambda2, Alpha2 float64
	Unique                           bool
	Delta                            [][]float64
	NH1N                             float64 `json:"N_H1_N"`
	NGN                              float64 `json:"N_G_N"`
	MHM                              float64 `json:"M_H0_M"`
	MNorm                            float64 `json:"M_norm2"`
	NNorm                            float64 `json:"N_norm2"`
	NHN                              float64 `json:"N_H_N"`
	Balance                          float64
	Lhs, DHD, EHE                    float64
	GradDotDelta                     float64 `json:"grad_dot_delta"`
	QCurvature                       float64 `json:"Q_curvature"`
	QGradDotDelta                    float64 `json:"Q_grad_dot_delta"`
	Cross                            float64 `json:"cross_term"`
	ErrorNorm                        float64 `json:"error_norm2"`
	ErrorForm                        float64 `json:"error_H0_error"`
	LiftedErrorNorm                  float64 `json:"lifted_error_norm2"`
	RhsInequality                    float64 `json:"rhs_inequality"`
	RhsEquality                      float64 `json:"rhs_equality"`

	// thm31
	Xstar, Weights, G1, G2, Ut, Vt [][]float64
	Mu                             float64
	GradientNorm                   float64     `json:"gradient_norm"`
	Singular                       []float64   `json:"singular_values"`
	G1G1                           [][]float64 `json:"G1_G1t"`
	G2G2                           [][]float64 `json:"G2_G2t"`
	DtU                            [][]float64 `json:"Dt_U"`
	DtV                            [][]float64 `json:"Dt_V"`
	DU                             [][]float64 `json:"D_U"`
	DV                             [][]float64 `json:"D_V"`
	LambdaMinRegularised           float64     `json:"lambda_min_regularised"`
	CurvatureRegularised           float64     `json:"curvature_regularised"`
	Curvature                      float64
	LambdaMin                      float64 `json:"lambda_min"`
	Unbalance                      float64
	Side                           string
	B                              []float64
	GradSpectral                   float64 `json:"grad_f_spectral"`
	CurvatureC                     float64 `json:"curvature_c"`
	Bound                          float64
	EqI                            int     `json:"eq_i"`
	EqJ                            int     `json:"eq_j"`
	EqAlpha                        float64 `json:"eq_alpha"`
	EqCurvature                    float64 `json:"eq_curvature"`

	// lemma31
	Ajs                [][][][]float64
	Xjs, Us, Vs        [][][]float64
	EdgeWeights        [][]float64   `json:"edge_weights"`
	LhsEdges           float64       `json:"lhs_edges_once"`
	RhsEdges           float64       `json:"rhs_edges_once"`
	LhsPairs           float64       `json:"lhs_ordered_pairs"`
	RhsPairs           float64       `json:"rhs_ordered_pairs"`
	GradientSeparable  *float64      `json:"gradient_norm_separable"`
	GradientEdges      float64       `json:"gradient_norm_edges_once"`
	GradientPairs      float64       `json:"gradient_norm_ordered_pairs"`
	LambdaSeparable    float64       `json:"lambda_min_separable"`
	LambdaEdges        float64       `json:"lambda_min_edges_once"`
	LambdaPairs        float64       `json:"lambda_min_ordered_pairs"`
	DirU               [][]float64   `json:"dir_U"`
	DirVs              [][][]float64 `json:"dir_Vs"`
	CurvatureConsensus float64       `json:"curvature_consensus"`
	TValues            []float64     `json:"t_values"`
	ValueAlong         []float64     `json:"value_along"`
	MinimumSeparable   float64       `json:"minimum_separable"`
}

// liftVectors reads the cases of a kind; there must be one.
func liftVectors(t testing.TB, kind string) []liftVector {
	t.Helper()
	data, err := os.ReadFile("testdata/identities_e.json")
	if err != nil {
		t.Fatal(err)
	}
	var all struct{ Cases []json.RawMessage }
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	var out []liftVector
	for _, raw := range all.Cases {
		var head struct{ Kind string }
		if err := json.Unmarshal(raw, &head); err != nil {
			t.Fatal(err)
		}
		if head.Kind != kind {
			continue
		}
		var c liftVector
		if err := json.Unmarshal(raw, &c); err != nil {
			t.Fatal(err)
		}
		out = append(out, c)
	}
	if len(out) == 0 {
		t.Fatalf("identities_e.json has no case of kind %s", kind)
	}
	return out
}

// quarter is objective (16) of a lemma16 case before it is lifted: a quarter of
// it, with the regulariser of μ = ½.
func (c liftVector) quarter(t testing.TB) lr.Problem {
	t.Helper()
	m := rowsMatrix(c.Mstar)
	d1, d2 := m.Dims()
	h, err := operator.DenseForm{D1: d1, D2: d2, H: rowsMatrix(c.H0)}.New()
	noError(t, err)
	eye := mat.NewDense(d2, d2, nil)
	for j := range d2 {
		eye.Set(j, j, 1)
	}
	var p lr.Problem
	p, err = problem.General{Form: h, Truth: &lr.Factors{U: m, V: eye}, Rank: len(c.U[0])}.New()
	noError(t, err)
	p, err = problem.Balance{Of: p, Mu: 0.5}.New()
	noError(t, err)
	if c.Lambda1 > 0 {
		p, err = problem.RowNorm{Of: p, Lambda: c.Lambda1 / 4, Alpha: c.Alpha1, LambdaV: c.Lambda2 / 4, AlphaV: c.Alpha2}.New()
		noError(t, err)
	}
	return p
}

func noError(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
