package lowrankgo

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// Row describes one point of a run: every number belongs to the same x_k.
// Row 0 is the start x0. What is not known is NaN.
type Row struct {
	Iter     int           // k
	Loss     float64       // objective at x_k
	GradNorm float64       // ‖∇f(x_k)‖F over both factors
	RelErr   float64       // ‖M−M*‖F/‖M*‖F where the truth is known
	SqErr    float64       // ‖M−M*‖F² where the truth is known
	Residual float64       // ‖M+S−Data‖F/‖Data‖F, of a method that splits data itself
	Step     float64       // length of the step that led to x_k; NaN at row 0
	Elapsed  time.Duration // time spent in the method alone, metrics excluded
}

// Trace is the record of a run.
type Trace struct {
	Problem string // the problem, printed with its parameters
	Method  string // the method, printed with its parameters
	D1, D2  int    // shape of M
	Rank    int    // columns of the factors
	Version string // of this library
	Arch    string // GOARCH
	Variant string // inner loops in use, see [Variant]
	Rows    []Row
	Status  Status // why the run ended; Running while it has not

	// The largest gradient norm of the first seen rows, so that a rule that
	// asks for it after every row does not read all rows every time.
	largest float64
	seen    int
}

// largestGrad is the largest gradient norm of the trace.
func (t *Trace) largestGrad() float64 {
	for ; t.seen < len(t.Rows); t.seen++ {
		if g := t.Rows[t.seen].GradNorm; g > t.largest {
			t.largest = g
		}
	}
	return t.largest
}

// Last returns the latest row; a Trace without rows gives NaN values.
func (t *Trace) Last() Row {
	if len(t.Rows) == 0 {
		n := math.NaN()
		return Row{Loss: n, GradNorm: n, RelErr: n, SqErr: n, Residual: n, Step: n}
	}
	return t.Rows[len(t.Rows)-1]
}

// columns names the numbers of a row, in the order of both exports.
var columns = []string{"iter", "loss", "grad_norm", "rel_err", "sq_err", "residual", "step", "seconds"}

func (r Row) values() []float64 {
	return []float64{float64(r.Iter), r.Loss, r.GradNorm, r.RelErr, r.SqErr, r.Residual, r.Step, r.Elapsed.Seconds()}
}

// Column returns one number of every row: "iter", "loss", "grad_norm",
// "rel_err", "sq_err", "residual", "step" or "seconds". Another name is an error.
func (t *Trace) Column(name string) ([]float64, error) {
	for c, known := range columns {
		if known != name {
			continue
		}
		out := make([]float64, len(t.Rows))
		for i, r := range t.Rows {
			out[i] = r.values()[c]
		}
		return out, nil
	}
	return nil, fmt.Errorf("lowrankgo: a trace has no column %q; it has %s", name, strings.Join(columns, ", "))
}

// WriteCSV writes a header line and one line per row. Unknown numbers are
// empty fields; all others round-trip exactly.
func (t *Trace) WriteCSV(w io.Writer) error {
	cw := csv.NewWriter(w)
	if err := cw.Write(columns); err != nil {
		return err
	}
	fields := make([]string, len(columns))
	for _, r := range t.Rows {
		for c, v := range r.values() {
			fields[c] = ""
			if !math.IsNaN(v) {
				fields[c] = strconv.FormatFloat(v, 'g', -1, 64)
			}
		}
		if err := cw.Write(fields); err != nil {
			return err
		}
	}
	cw.Flush()
	return cw.Error()
}

// number encodes as JSON: NaN as null, infinities as strings.
type number float64

func (n number) MarshalJSON() ([]byte, error) {
	v := float64(n)
	switch {
	case math.IsNaN(v):
		return []byte("null"), nil
	case math.IsInf(v, 1):
		return []byte(`"+Inf"`), nil
	case math.IsInf(v, -1):
		return []byte(`"-Inf"`), nil
	}
	return json.Marshal(v)
}

// MarshalJSON encodes the trace as one object; "columns" names the numbers in
// each of "rows". NaN is null, an infinity the string "+Inf" or "-Inf".
func (t *Trace) MarshalJSON() ([]byte, error) {
	rows := make([][]number, len(t.Rows))
	for i, r := range t.Rows {
		for _, v := range r.values() {
			rows[i] = append(rows[i], number(v))
		}
	}
	return json.Marshal(struct {
		Problem string     `json:"problem"`
		Method  string     `json:"method"`
		Shape   [2]int     `json:"shape"`
		Rank    int        `json:"rank"`
		Version string     `json:"version"`
		Arch    string     `json:"arch"`
		Variant string     `json:"variant"`
		Status  string     `json:"status"`
		Columns []string   `json:"columns"`
		Rows    [][]number `json:"rows"`
	}{t.Problem, t.Method, [2]int{t.D1, t.D2}, t.Rank, t.Version, t.Arch, t.Variant, t.Status.String(), columns, rows})
}

// WriteJSON writes what MarshalJSON gives, and a newline.
func (t *Trace) WriteJSON(w io.Writer) error { return json.NewEncoder(w).Encode(t) }

// field is a number of a row with its name for people.
type field struct {
	name  string
	value func(Row) float64
}

var fields = []field{
	{"loss", func(r Row) float64 { return r.Loss }},
	{"‖gradient‖", func(r Row) float64 { return r.GradNorm }},
	{"rel. error", func(r Row) float64 { return r.RelErr }},
	{"residual", func(r Row) float64 { return r.Residual }},
	{"step", func(r Row) float64 { return r.Step }},
}

// known lists the fields that some row of the trace has.
func (t *Trace) known() []field {
	return slices.DeleteFunc(slices.Clone(fields), func(f field) bool {
		return !slices.ContainsFunc(t.Rows, func(r Row) bool { return !math.IsNaN(f.value(r)) })
	})
}

// String is a summary that fits one screen: what ran, a dozen rows spread
// over the run with what is known of them, and why it ended.
func (t *Trace) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s, %d×%d, rank %d\n\n", t.Problem, t.Method, t.D1, t.D2, t.Rank)
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	known := t.known()
	fmt.Fprint(w, "iter\t")
	for _, f := range known {
		fmt.Fprintf(w, "%s\t", f.name)
	}
	fmt.Fprintln(w, "time\t")
	for _, i := range spread(len(t.Rows), 12) {
		r := t.Rows[i]
		fmt.Fprintf(w, "%d\t", r.Iter)
		for _, f := range known {
			fmt.Fprintf(w, "%s\t", short(f.value(r)))
		}
		fmt.Fprintf(w, "%s\t\n", r.Elapsed.Round(10*time.Microsecond))
	}
	w.Flush()
	fmt.Fprintf(&b, "\n%s after %d iterations", t.Status, t.Last().Iter)
	return b.String()
}

func short(v float64) string {
	if math.IsNaN(v) {
		return "–"
	}
	return strconv.FormatFloat(v, 'e', 2, 64)
}

// spread picks at most k of n indices, evenly, with both ends.
func spread(n, k int) []int {
	var out []int
	if n <= k {
		k = n
	}
	for i := range k {
		at := 0
		if k > 1 {
			at = i * (n - 1) / (k - 1)
		}
		out = append(out, at)
	}
	return out
}
