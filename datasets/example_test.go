package datasets_test

import (
	"fmt"

	"github.com/lowrankgo/lowrank/datasets"
)

func ExampleList() {
	for _, info := range datasets.List() {
		fmt.Println(info.Name, info.Shape, info.Unit)
		fmt.Println(info.Terms)
	}
	// Output:
	// coads-sst [12 90 180] °C
	// public domain, NOAA, United States Government; passed on under the Ferret License Agreement
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
