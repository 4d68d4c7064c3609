using Unroll.Cli.Csv;
using Unroll.Cli.Demo;

namespace Unroll.Tests.Cli.Demo;

public class AirlinePassengersTests
{
    [Fact]
    public void The_embedded_figures_are_those_of_the_data_set()
    {
        string? path = DataSet();
        if (path is null)
        {
            Assert.False(string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase),
                "The data set 'univariate/airline-passengers.csv' is absent. Put the folder 'shared/data' beside the repository.");
            return;
        }
        CsvSeriesSet set = CsvSeriesReader.Read(path, new CsvSeriesOptions { Target = "passengers" });
        CsvSeries series = Assert.Single(set.Series);
        Assert.Equal(series.Target, AirlinePassengers.Values);
        Assert.Equal(series.Dates!, AirlinePassengers.Dates());
    }

    private static string? DataSet()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Unroll.slnx"))) folder = folder.Parent;
        string? path = folder?.Parent is { } parent ? Path.Combine(parent.FullName, "shared", "data", "univariate", "airline-passengers.csv") : null;
        return File.Exists(path) ? path : null;
    }
}
