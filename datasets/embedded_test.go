package datasets

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
)

func mustLoad(t *testing.T, name string) (*Data, *mat.Dense) {
	t.Helper()
	d, err := Load(name)
	if err != nil {
		t.Fatal(err)
	}
	m, err := d.Matrix()
	if err != nil {
		t.Fatal(err)
	}
	return d, m
}

// Shapes, numbers of values and ranges, as other programs count them.
func TestLoadFacts(t *testing.T) {
	for _, tc := range []struct {
		name           string
		rows, cols     int
		height, width  int
		observed       int
		min, max       float64
		firstRow, last string // names of the first row and the last column
	}{
		{"coads-sst", 180, 1080, 0, 0, 104778, -2.6, 33.150463, "21°E", "December 89°N"},
		{"colorado-tmax", 1236, 376, 0, 0, 178337, -18.2, 40.3, "1895-01", "487990"},
		{"us-diseases", 51, 315, 0, 0, 14228, 0, 3670.2428, "Alabama", "Smallpox 1952"},
		{"digits", 64, 1797, 8, 8, 64 * 1797, 0, 16, "", "8"},
		{"fashion-mnist", 784, 500, 28, 28, 784 * 500, 0, 255, "", "T-shirt/top"},
		{"vtest", 19200, 100, 120, 160, 1920000, 0, 255, "", ""},
	} {
		d, m := mustLoad(t, tc.name)
		s, err := d.Summary(1)
		if err != nil {
			t.Fatal(err)
		}
		if r, c := m.Dims(); r != tc.rows || c != tc.cols || s.Observed != tc.observed || d.Height != tc.height || d.Width != tc.width {
			t.Errorf("%s: %d×%d, %d observed, frames of %d×%d", tc.name, r, c, s.Observed, d.Height, d.Width)
		}
		if math.Abs(s.Min-tc.min) > 1e-4 || math.Abs(s.Max-tc.max) > 1e-4 {
			t.Errorf("%s: values from %v to %v; want %v to %v", tc.name, s.Min, s.Max, tc.min, tc.max)
		}
		if d.RowNames != nil && len(d.RowNames) != tc.rows || d.ColNames != nil && len(d.ColNames) != tc.cols {
			t.Errorf("%s: %d row names, %d column names", tc.name, len(d.RowNames), len(d.ColNames))
		}
		if tc.firstRow != "" && d.RowNames[0] != tc.firstRow || tc.last != "" && d.ColNames[tc.cols-1] != tc.last {
			t.Errorf("%s: names %.1q and %q", tc.name, d.RowNames, d.ColNames[tc.cols-1])
		}
		if d.Name != tc.name {
			t.Errorf("%s is called %s", tc.name, d.Name)
		}
	}
	if len(List()) != 6 {
		t.Errorf("%d data sets; the table above has 6", len(List()))
	}
}

// Summers are warm, also where rows are months.
func TestColoradoOrientation(t *testing.T) {
	d, m := mustLoad(t, "colorado-tmax")
	want := []float64{3.4834, 5.9495, 9.7188, 15.1169, 20.4417, 26.3481, 29.4899, 28.3258, 24.0608, 17.8214, 9.5145, 4.4514} // by NumPy
	for month, w := range want {
		sum, n := 0.0, 0
		for i := month; i < 1236; i += 12 {
			for _, v := range m.RawRowView(i) {
				if !math.IsNaN(v) {
					sum, n = sum+v, n+1
				}
			}
		}
		if got := sum / float64(n); math.Abs(got-w) > 1e-3 {
			t.Errorf("month %d has the mean %v °C; want %v", month+1, got, w)
		}
	}
	if i, ok := d.Row("1997-12"); !ok || i != 1235 {
		t.Errorf("December 1997 is row %d", i)
	}
	stations, err := ColoradoStations()
	if err != nil {
		t.Fatal(err)
	}
	for k, s := range stations {
		if s.ID != d.ColNames[k] || s.Lon < -110 || s.Lon > -100 || s.Lat < 36 || s.Lat > 42 || s.Elev < 800 || s.Elev > 4000 {
			t.Errorf("station %d is %+v, column %s", k, s, d.ColNames[k])
		}
	}
	if first := (Station{"028468", -109.1, 36.9, 1580}); len(stations) != 376 || stations[0] != first {
		t.Errorf("%d stations, the first %+v", len(stations), stations[0])
	}
}

// Measles in Wisconsin, 1935: 43453 cases in 52 weeks among 3044033.
func TestDiseasesOrientation(t *testing.T) {
	d, m := mustLoad(t, "us-diseases")
	i, okRow := d.Row("Wisconsin")
	j, okCol := d.Col("Measles 1935")
	if want := 43453.0 / 3044033 * 1e5; !okRow || !okCol || math.Abs(m.At(i, j)-want) > 1e-9 {
		t.Errorf("the rate at (%d, %d) is %v; want %v", i, j, m.At(i, j), want)
	}
}

// The first digits are 0, 1, 2, …, and a 0 is empty in the middle.
func TestImagesOrientation(t *testing.T) {
	d, m := mustLoad(t, "digits")
	if got := strings.Join(d.ColNames[:10], ""); got != "0123456789" {
		t.Errorf("the first digits are %s", got)
	}
	zero, err := d.Frame(m, 0)
	if err != nil {
		t.Fatal(err)
	}
	if want := []float64{0, 0, 5, 13, 9, 1, 0, 0}; !slices.Equal(zero.RawRowView(0), want) || zero.At(3, 3) != 0 {
		t.Errorf("the 0 is\n%v", mat.Formatted(zero))
	}
	f, x := mustLoad(t, "fashion-mnist")
	trouser := slices.Index(f.ColNames, "Trouser")
	img, err := f.Frame(x, trouser)
	if err != nil {
		t.Fatal(err)
	}
	if img.At(14, 2) != 0 || img.At(14, 10) == 0 || f.ColNames[0] != "Ankle boot" {
		t.Errorf("image %d is no pair of trousers, or the first no boot: %s", trouser, f.ColNames[0])
	}
}

func TestLoadRefuses(t *testing.T) {
	if _, err := Load("iris"); !errors.Is(err, ErrValue) || !strings.Contains(err.Error(), `"iris"; there are coads-sst, colorado-tmax`) {
		t.Errorf("error %v", err)
	}
	s := coloradoSet()
	s.info.SHA256 = strings.Repeat("0", 64)
	if _, err := s.data(); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("a wrong SHA-256: error %v", err)
	}
	s = coloradoSet()
	s.more[1] = strings.Repeat("0", 64)
	if _, err := s.data(); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("a wrong SHA-256 of the second file: error %v", err)
	}
	s.more[0] = "nothing.csv"
	if _, err := s.bytes("nothing.csv"); err == nil {
		t.Error("a file that is not there was read")
	}
}

// What is handed out belongs to the caller.
func TestLoadIsFresh(t *testing.T) {
	d, m := mustLoad(t, "us-diseases")
	d.RowNames[0] = "changed"
	m.Zero()
	again, err := Load("us-diseases")
	if err != nil {
		t.Fatal(err)
	}
	if again.RowNames[0] != "Alabama" {
		t.Error("a change by one caller reached another")
	}
}
