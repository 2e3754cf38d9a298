package datasets

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

//go:embed colorado_* fashion_* sklearn_* us_* vtest_*
var embedded embed.FS

// set is an embedded data set: what is said of it, its files and how Load
// makes Data of them.
type set struct {
	info Info
	file string   // the one that Info.SHA256 is of
	more []string // further files, each followed by its SHA-256
	load func(set) (*Data, error)
}

// sets has every data set, in the order of List.
func sets() []set {
	return []set{seaSurfaceSet(), coloradoSet(), diseasesSet(), digitsSet(), fashionSet(), vtestSet()}
}

// Load returns an embedded data set by its name as one matrix; Info.Matrix says
// what its rows and columns are. Names are those of [List]. Each call returns
// data of its own. An unknown name and a damaged file are errors.
func Load(name string) (*Data, error) {
	var names []string
	for _, s := range sets() {
		if s.info.Name == name {
			return s.data()
		}
		names = append(names, s.info.Name)
	}
	return nil, fmt.Errorf("datasets: there is no data set %q; there are %s: %w", name, strings.Join(names, ", "), ErrValue)
}

func (s set) data() (*Data, error) {
	d, err := s.load(s)
	if err != nil {
		return nil, err
	}
	d.Name = s.info.Name
	d.note("%s", s.info.Matrix)
	return d, nil
}

// bytes returns an embedded file, checked against its SHA-256.
func (s set) bytes(file string) ([]byte, error) {
	b, err := embedded.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("datasets: %w", err)
	}
	want := s.info.SHA256
	if at := slices.Index(s.more, file); at >= 0 {
		want = s.more[at+1]
	}
	return b, checkSum(s.info.Name, b, want)
}

// open reads an embedded file as [Read] does.
func (s set) open(file string, o *OpenOptions) (*Data, error) {
	b, err := s.bytes(file)
	if err != nil {
		return nil, err
	}
	return Read(bytes.NewReader(b), file, o)
}

func license(file string) string {
	b, err := embedded.ReadFile(file)
	if err != nil {
		return "" // a test sees that no Info is without
	}
	return string(b)
}

func seaSurfaceSet() set {
	return set{info: seaSurfaceInfo(), file: "coads_sst_12x90x180.npy.gz", load: func(set) (*Data, error) {
		sea, err := SeaSurface()
		if err != nil {
			return nil, err
		}
		d := &Data{Format: "npy", dense: sea.Unfold()}
		for _, lon := range sea.Lon {
			d.RowNames = append(d.RowNames, strconv.Itoa(int(lon))+"°E")
		}
		for _, month := range sea.Months {
			for _, lat := range sea.Lat {
				side := "°N"
				if lat < 0 {
					side = "°S"
				}
				d.ColNames = append(d.ColNames, month+" "+strconv.Itoa(int(math.Abs(lat)))+side)
			}
		}
		return d, nil
	}}
}

func coloradoSet() set {
	return set{
		info: Info{
			Name:  "colorado-tmax",
			Title: "Maximum temperatures in Colorado, 1895–1997",
			Source: "monthly means of the daily maximum temperature at 376 stations in and around Colorado, United States National Weather Service; " +
				"CO.tmax and CO.loc of the R package fields 14.1 in Debian r-cran-fields 14.1-1, values unchanged",
			Terms:    "readings of the United States Government, public domain; collected in the R package fields, GPL-2 or later",
			License:  license("colorado_LICENSE.txt"),
			Citation: "Douglas Nychka, Reinhard Furrer, John Paige, Stephan Sain: fields: Tools for spatial data. R package version 14.1, University Corporation for Atmospheric Research (2022)",
			Unit:     "°C",
			Shape:    []int{103 * 12, 376},
			Matrix:   "a row for each month from January 1895 to December 1997, a column for each station; what was not measured is missing",
			SHA256:   "65e33d96e330e0868bacca8650c96cc77023f21e4400cb9d2204f0368fd5b48b",
		},
		file: "colorado_tmax_1236x376.npy.gz",
		more: []string{"colorado_stations.csv", "1f2f3b49400eaa80a7231481ef9f0ac0799496b32d8656a2083484819d4f206f"},
		load: func(s set) (*Data, error) {
			d, err := s.open(s.file, nil)
			if err != nil {
				return nil, err
			}
			stations, err := s.open(s.more[0], &OpenOptions{Header: Yes, RowNames: Yes})
			if err != nil {
				return nil, err
			}
			d.ColNames = stations.RowNames
			for k := range s.info.Shape[0] {
				d.RowNames = append(d.RowNames, fmt.Sprintf("%d-%02d", 1895+k/12, 1+k%12))
			}
			return d, nil
		},
	}
}

// Station is a place where temperatures of the data set colorado-tmax were
// measured.
type Station struct {
	ID       string  // as Data.ColNames has it
	Lon, Lat float64 // degrees east and north
	Elev     float64 // metres above the sea
}

// ColoradoStations returns the stations of colorado-tmax in the order of its
// columns. A damaged file is an error.
func ColoradoStations() ([]Station, error) {
	s := coloradoSet()
	d, err := s.open(s.more[0], &OpenOptions{Header: Yes, RowNames: Yes})
	if err != nil {
		return nil, err
	}
	out := make([]Station, len(d.RowNames))
	for k, id := range d.RowNames {
		out[k] = Station{id, d.dense.At(k, 0), d.dense.At(k, 1), d.dense.At(k, 2)}
	}
	return out, nil
}

func diseasesSet() set {
	return set{
		info: Info{
			Name:  "us-diseases",
			Title: "Contagious diseases in the states of the USA, 1928–2011",
			Source: "yearly reported cases of hepatitis A, measles, mumps, pertussis, polio, rubella and smallpox, Project Tycho; " +
				"us_contagious_diseases of the R package dslabs 0.7.4 in Debian r-cran-dslabs 0.7.4-1, values unchanged in the file; " +
				"the matrix has the rate 100000·(52/weeks reported)·cases/inhabitants",
			Terms:   "Artistic License 2.0 (R package dslabs); Project Tycho asks to be cited",
			License: license("us_contagious_diseases_LICENSE.txt"),
			Citation: "Willem G. van Panhuis, John Grefenstette, Su Yon Jung, et al.: Contagious Diseases in the United States from 1888 to the Present. " +
				"New England Journal of Medicine 369 (2013), 2152–2158",
			Unit:   "cases per 100 000 inhabitants and year",
			Shape:  []int{16065, 6},
			Matrix: "a row for each state, a column for each disease and year; missing where no week was reported or the population is not known",
			SHA256: "74470519d1379e263db616bdd9453d910dbcf807f4491c11deb81c0183de4688",
		},
		file: "us_contagious_diseases.csv.gz",
		load: loadDiseases,
	}
}

// loadDiseases reads lines disease, state, year, weeks_reporting, count,
// population.
func loadDiseases(s set) (*Data, error) {
	b, err := s.bytes(s.file)
	if err != nil {
		return nil, err
	}
	src, err := newSource(s.file, nil)
	if err != nil {
		return nil, err
	}
	if err := src.begin(bytes.NewReader(b)); err != nil {
		return nil, err
	}
	rs := newRecords(src, src.r, ",")
	if _, err := rs.next(); err != nil {
		return nil, err
	}
	t := newTriplets(src, Names, -1, -1)
	for {
		rec, err := rs.next()
		if err == io.EOF {
			break
		} else if err != nil {
			return nil, err
		}
		var v [3]float64 // weeks, cases, inhabitants
		for k := range v {
			if v[k], err = src.value(rec.fields[3+k], rec.line, rec.cols[3+k]); err != nil {
				return nil, err
			}
		}
		i, errRow := t.rows.number(src, rec.fields[1])
		j, errCol := t.cols.number(src, rec.fields[0]+" "+rec.fields[2])
		if v[0] == 0 {
			v[0] = math.NaN()
		}
		errAdd := t.add(int(i), int(j), 1e5*(52/v[0])*v[1]/v[2], rec.line)
		if err := errors.Join(errRow, errCol, errAdd); err != nil {
			return nil, err
		}
	}
	d, err := t.data("line")
	if err == nil {
		d.Format = "csv"
	}
	return d, err
}

func digitsSet() set {
	return set{
		info: Info{
			Name:  "digits",
			Title: "Handwritten digits",
			Source: "1797 digits by 13 people, test part of Optical Recognition of Handwritten Digits (E. Alpaydin, C. Kaynak, UCI Machine Learning Repository); " +
				"from scikit-learn 1.2.1 in Debian python3-sklearn, values unchanged",
			Terms:    "BSD-3-Clause (scikit-learn); CC BY 4.0 (UCI Machine Learning Repository)",
			License:  license("sklearn_digits_LICENSE.txt"),
			Citation: "E. Alpaydin, C. Kaynak: Optical Recognition of Handwritten Digits. UCI Machine Learning Repository (1998), doi:10.24432/C50P49",
			Unit:     "ink, 0 to 16",
			Shape:    []int{1797, 65},
			Matrix:   "a row for each of 8×8 pixels, a column for each digit, whose name it has; nothing is missing",
			SHA256:   "46abec6b12486ad9e51943373abcf22bbea1b5a51a1619b361570d8893f1464a",
		},
		file: "sklearn_digits_1797x65.csv.gz",
		load: func(s set) (*Data, error) {
			d, err := s.open(s.file, &OpenOptions{Layout: Table, Header: No, RowNames: No})
			if err != nil {
				return nil, err
			}
			n, _ := d.dense.Dims()
			for k := range n {
				d.ColNames = append(d.ColNames, strconv.Itoa(int(d.dense.At(k, 64))))
			}
			images := make([]float64, 0, 64*n)
			for k := range n {
				images = append(images, d.dense.RawRowView(k)[:64]...)
			}
			return s.film(images, n, 8, 8, d)
		},
	}
}

// film makes a set's columns of frames, of which values has a row each.
func (s set) film(values []float64, n, h, w int, d *Data) (*Data, error) {
	src := &source{name: s.info.Name}
	out, err := src.framesData(n, h, w, values)
	if err != nil {
		return nil, err
	}
	out.Format, out.ColNames = d.Format, d.ColNames
	return out, nil
}

func fashionSet() set {
	return set{
		info: Info{
			Name:     "fashion-mnist",
			Title:    "Fashion-MNIST, 500 images",
			Source:   "the first 500 images and labels of the test set of Fashion-MNIST (Zalando Research), from Debian dataset-fashion-mnist, values unchanged",
			Terms:    "MIT, Zalando SE",
			License:  license("fashion_mnist_LICENSE.txt"),
			Citation: "Han Xiao, Kashif Rasul, Roland Vollgraf: Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning Algorithms (2017), arXiv:1708.07747",
			Unit:     "grey, 0 to 255",
			Shape:    []int{500, 28, 28},
			Matrix:   "a row for each of 28×28 pixels, a column for each image, named by what it shows; nothing is missing",
			SHA256:   "f83478e524936243591a3607b8619be1113b4a5986169574a949035ff349cd4c",
		},
		file: "fashion_mnist_t10k_first500_28x28.npy.gz",
		more: []string{"fashion_mnist_t10k_first500_labels.npy.gz", "67fe13da6e8a18f49b2cf756c78755fbb7bb5799304e2ffa9bcbe2c5e8d93198"},
		load: func(s set) (*Data, error) {
			labels, err := s.open(s.more[0], nil)
			if err != nil {
				return nil, err
			}
			d, err := s.open(s.file, nil)
			if err != nil {
				return nil, err
			}
			kinds := []string{"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"}
			for k := range s.info.Shape[0] {
				d.ColNames = append(d.ColNames, kinds[int(labels.dense.At(k, 0))])
			}
			return d, nil
		},
	}
}

func vtestSet() set {
	return set{
		info: Info{
			Name:  "vtest",
			Title: "People in a street, a film of a fixed camera",
			Source: "examples/data/vtest.avi of Debian opencv-doc 4.6.0+dfsg-12, footage of the PETS 2009 benchmark: every 7th frame, the first 100 of these, " +
				"grey, scaled down from 768×576 to 160×120",
			Terms:    "Apache-2.0 (OpenCV)",
			License:  license("vtest_LICENSE.txt"),
			Citation: "J. Ferryman, A. Shahrokni: PETS2009: Dataset and challenge. 12th IEEE International Workshop on Performance Evaluation of Tracking and Surveillance (2009)",
			Unit:     "grey, 0 to 255",
			Shape:    []int{100, 120, 160},
			Matrix:   "a row for each of 120×160 pixels, a column for each frame; nothing is missing",
			SHA256:   "05819de72796be426ca76e847efd7fa47d5afd75ab8d34f4e448a22773d6abd7",
		},
		file: "vtest_160x120_100f.npy.gz",
		load: func(s set) (*Data, error) { return s.open(s.file, nil) },
	}
}
