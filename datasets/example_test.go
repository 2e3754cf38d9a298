package datasets_test

import (
	"fmt"
	"strings"

	"github.com/lowrankgo/lowrank/datasets"
	"gonum.org/v1/gonum/mat"
)

func ExampleList() {
	for _, info := range datasets.List() {
		fmt.Printf("%s: %s\n", info.Name, info.Title)
	}
	// Output:
	// coads-sst: COADS sea surface temperature, monthly climatology
	// colorado-tmax: Maximum temperatures in Colorado, 1895–1997
	// us-diseases: Contagious diseases in the states of the USA, 1928–2011
	// digits: Handwritten digits
	// fashion-mnist: Fashion-MNIST, 500 images
	// vtest: People in a street, a film of a fixed camera
}

func ExampleLoad() {
	d, err := datasets.Load("colorado-tmax")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(d)
	m, err := d.Matrix()
	if err != nil {
		fmt.Println(err)
		return
	}
	july, _ := d.Row("1995-07")
	station, _ := d.Col("050109")
	fmt.Printf("July 1995 at station 050109: %.1f °C\n", m.At(july, station))
	// Output:
	// colorado-tmax: 178337 of 1236×376 entries
	// July 1995 at station 050109: 31.2 °C
}

func ExampleColoradoStations() {
	stations, err := datasets.ColoradoStations()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%+v\n", stations[0])
	// Output: {ID:028468 Lon:-109.1 Lat:36.9 Elev:1580}
}

func ExampleOpen() {
	d, err := datasets.Open("testdata/a_hole.npy", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(d)
	_, err = datasets.Open("testdata/object.npy", nil)
	fmt.Println(err)
	// Output:
	// a_hole.npy: 11 of 3×4 entries
	// datasets: object.npy: the array holds Python objects in a pickle, which can run programs when it is read and so is not; make it one of numbers first: numpy.asarray(x, dtype=float): the file cannot be read as data
}

// Ratings are found by the names of the columns; ids keep their names.
func ExampleRead() {
	file := strings.NewReader(`userId,movieId,rating,timestamp
7,alien,4.5,964982703
7,brazil,3,964981247
9,alien,5,964982224
`)
	d, err := datasets.Read(file, "ratings.csv", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(d.Entries())
	fmt.Println(d.RowNames, d.ColNames)
	for _, note := range d.Notes {
		fmt.Println(note)
	}
	// Output:
	// 3 entries of a 2×2 matrix
	// [7 9] [alien brazil]
	// delimiter: comma
	// header: first line
	// layout: triplets (row: "userId", column: "movieId", value: "rating")
}

// Errors say where they are and what to do.
func ExampleOpenOptions() {
	const text = "3,14;2\n1;0,5\n"
	_, err := datasets.Read(strings.NewReader(text), "masse.csv", nil)
	fmt.Println(err)
	d, err := datasets.Read(strings.NewReader(text), "masse.csv", &datasets.OpenOptions{DecimalComma: true})
	fmt.Println(d, err)
	// Output:
	// datasets: masse.csv, line 1, column 1: "3,14" looks like a number with a decimal comma; set DecimalComma (lowrank: --decimal-comma) to read it so: value out of range
	// masse.csv: 4 of 2×2 entries <nil>
}

func ExampleFormats() {
	fmt.Println(datasets.Formats())
	// Output: [csv jpeg mat5 mat7.3 mtx npy npz png pnm ratings recbole]
}

func ExampleData_Frame() {
	d, err := datasets.Open("testdata/frames", nil) // a folder of 12 images
	if err != nil {
		fmt.Println(err)
		return
	}
	m, err := d.Matrix()
	if err != nil {
		fmt.Println(err)
		return
	}
	f, err := d.Frame(m, 10)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(d.ColNames[10])
	fmt.Println(mat.Formatted(f))
	// Output:
	// frame10.png
	// ⎡ 10   20   30   40⎤
	// ⎢ 50   60   70   80⎥
	// ⎣ 90  100  110  120⎦
}

func ExampleData_Summary() {
	d, err := datasets.Load("us-diseases")
	if err != nil {
		fmt.Println(err)
		return
	}
	s, err := d.Summary(1, 20)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d×%d, %.1f %% missing\n", s.Rows, s.Cols, 100*s.Missing)
	for _, r := range s.Ranks {
		fmt.Printf("rank %d: %.1f entries per degree of freedom, %d rows and %d columns with too few\n", r.Rank, r.Oversampling, r.Rows, r.Cols)
	}
	// Output:
	// 51×315, 11.4 % missing
	// rank 1: 39.0 entries per degree of freedom, 0 rows and 0 columns with too few
	// rank 20: 2.1 entries per degree of freedom, 0 rows and 10 columns with too few
}

func ExampleSeaSurface() {
	sea, err := datasets.SeaSurface()
	if err != nil {
		fmt.Println(err)
		return
	}
	july, err := sea.Month(7)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s at %v°N %v°E: %.1f °C\n", sea.Months[6], sea.Lat[62], sea.Lon[80], july.At(62, 80))
	_, err = sea.Month(13)
	fmt.Println(err)
	// Output:
	// July at 35°N 181°E: 23.0 °C
	// datasets: there is no month 13; 1 (January) to 12 (December) are: value out of range
}

// Hide 30 % of the cells and see how far a simple prediction is from them.
func ExampleEntries_Split() {
	sea, err := datasets.SeaSurface()
	if err != nil {
		fmt.Println(err)
		return
	}
	train, hidden, err := datasets.Observed(sea.Unfold()).Split(0.3, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	mean, err := train.ColumnMeans()
	if err != nil {
		fmt.Println(err)
		return
	}
	rmse, err := hidden.RMSE(mean)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("known: ", train)
	fmt.Println("hidden:", hidden)
	fmt.Printf("mean of each latitude and month: %.2f °C off\n", rmse)
	// Output:
	// known:  73345 entries of a 180×1080 matrix
	// hidden: 31433 entries of a 180×1080 matrix
	// mean of each latitude and month: 2.12 °C off
}
