package datasets

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
)

// Info describes one data set.
type Info struct {
	Name     string // short, unique, as "coads-sst"
	Title    string // a heading
	Source   string // where it comes from and how the file was made
	Terms    string // under what terms it may be passed on, in a sentence
	License  string // the full text of the terms
	Citation string // what to cite in a publication
	Unit     string // of the values
	Shape    []int  // of the array in the file, outermost axis first
	Matrix   string // what the rows and columns of the matrix are that Load makes
	SHA256   string // of the embedded file, in hexadecimal
}

// List describes every data set of this package.
func List() []Info {
	var out []Info
	for _, s := range sets() {
		out = append(out, s.info)
	}
	return out
}

// checkSum holds a file against its SHA-256. An embedded file can only differ
// in a damaged source tree.
func checkSum(name string, file []byte, want string) error {
	sum := sha256.Sum256(file)
	if got := hex.EncodeToString(sum[:]); got != want {
		return fmt.Errorf("datasets: %s has SHA-256 %s; want %s: the file in the source tree is damaged", name, got, want)
	}
	return nil
}

// load checks file against info's SHA-256 and returns what it holds,
// decompressed.
func load(info Info, file []byte) ([]byte, error) {
	if err := checkSum(info.Name, file, info.SHA256); err != nil {
		return nil, err
	}
	z, err := gzip.NewReader(bytes.NewReader(file))
	if err != nil {
		return nil, fmt.Errorf("datasets: %s: %w", info.Name, err)
	}
	raw, err := io.ReadAll(z)
	if err != nil {
		return nil, fmt.Errorf("datasets: %s: %w", info.Name, err)
	}
	return raw, nil
}
