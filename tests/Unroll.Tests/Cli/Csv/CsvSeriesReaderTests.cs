using Unroll.Cli;
using Unroll.Cli.Csv;
using Unroll.Tests.Support;

namespace Unroll.Tests.Cli.Csv;

public class CsvSeriesReaderTests
{
    private static CsvSeriesSet Read(string content, CsvSeriesOptions? options = null)
    {
        using var file = new TemporaryFile(content);
        return CsvSeriesReader.Read(file.Path, options ?? new CsvSeriesOptions { Target = "y" });
    }

    private static string ErrorOf(string content, CsvSeriesOptions? options = null)
    {
        using var file = new TemporaryFile(content);
        InputException error = Assert.Throws<InputException>(() => CsvSeriesReader.Read(file.Path, options ?? new CsvSeriesOptions { Target = "y" }));
        Assert.Equal(1, InputException.ExitCode);
        return error.Message.Replace(file.Path, "F", StringComparison.Ordinal);
    }

    [Fact]
    public void Target_dates_and_covariates_are_read()
    {
        CsvSeriesSet set = Read("id,when,price,wind,Y\n7,2024-01-31,1.5e1,NE,-3\n8,2024-02-01,-2,SW,4.25\n9,2024-02-02,.5,NE,+6\n",
            new CsvSeriesOptions { Target = "y", Covariates = ["price", "wind"] });
        CsvSeries series = Assert.Single(set.Series);
        Assert.Equal("Y", set.Target);
        Assert.Equal("when", set.Date);
        Assert.Equal([-3f, 4.25f, 6f], series.Target);
        Assert.Equal([new DateTime(2024, 1, 31), new DateTime(2024, 2, 1), new DateTime(2024, 2, 2)], series.Dates!);
        Assert.Equal([15f, -2f, 0.5f], series.Covariates[0]);
        Assert.Equal([0f, 1f, 0f], series.Covariates[1]);
        Assert.Equal([2, 3, 4], series.Lines);
        Assert.Equal(["NE", "SW"], Assert.Single(set.Codings).Labels);
        Assert.Equal(["Column 'when' holds the dates.", "Column 'wind' holds text; its labels became numbers: NE = 0, SW = 1."], set.Notes);
    }

    [Fact]
    public void Missing_cells_are_NaN_and_listed_with_their_lines()
    {
        CsvSeriesSet set = Read("y,x\n1,5\n,NA\nnan,6\nNULL,7\n2,8\n", new CsvSeriesOptions { Target = "y", Covariates = ["x"] });
        Assert.Equal([1f, float.NaN, float.NaN, float.NaN, 2f], set.Series[0].Target);
        Assert.Equal([5f, float.NaN, 6f, 7f, 8f], set.Series[0].Covariates[0]);
        Assert.Equal([new MissingCell(3, "y"), new MissingCell(3, "x"), new MissingCell(4, "y"), new MissingCell(5, "y")], set.Missing);
        Assert.Equal(["Column 'y' has 3 missing values (lines 3, 4, 5).", "Column 'x' has 1 missing value (line 3)."], set.Notes);
    }

    [Fact]
    public void Several_series_in_one_file_are_told_apart_by_a_column()
    {
        CsvSeriesSet set = Read("shop,d,y\nb,2024-01,1\na,2024-01,10\nb,2024-02,2\na,2024-02,20\na,2024-03,30\n",
            new CsvSeriesOptions { Target = "y", SeriesId = "shop" });
        Assert.Equal(["b", "a"], set.Series.Select(series => series.Id));
        Assert.Equal([1f, 2f], set.Series[0].Target);
        Assert.Equal([10f, 20f, 30f], set.Series[1].Target);
        Assert.Equal([3, 5, 6], set.Series[1].Lines);
        Assert.Equal(new DateTime(2024, 3, 1), set.Series[1].Dates![2]);
    }

    [Theory]
    [InlineData("2024-03", "2024-03-01T00:00:00")]
    [InlineData("2024-03-09", "2024-03-09T00:00:00")]
    [InlineData("2024-03-09 07:08:09", "2024-03-09T07:08:09")]
    [InlineData("2024-03-09 07:08", "2024-03-09T07:08:00")]
    [InlineData("2024-03-09T07:08:09", "2024-03-09T07:08:09")]
    [InlineData("2024-03-09T07:08:09Z", "2024-03-09T07:08:09")]
    [InlineData("2024-03-09T07:08:09+02:00", "2024-03-09T05:08:09")]
    [InlineData("2024/03/09", "2024-03-09T00:00:00")]
    [InlineData("29.03.2024", "2024-03-29T00:00:00")]
    [InlineData("29.3.2024 06:30", "2024-03-29T06:30:00")]
    public void Dates_are_read_in_every_accepted_form(string cell, string expected)
    {
        Assert.True(CsvDates.TryParse(cell, out DateTime date));
        Assert.Equal(DateTime.Parse(expected, System.Globalization.CultureInfo.InvariantCulture), date);
    }

    [Theory]
    [InlineData("2024")]
    [InlineData("2024-13-01")]
    [InlineData("2024-02-30")]
    [InlineData("03/09/2024")]
    [InlineData("20240309")]
    [InlineData("12.5")]
    [InlineData("March")]
    public void Other_cells_are_no_dates(string cell) => Assert.False(CsvDates.TryParse(cell, out _));

    [Fact]
    public void Days_with_dots_are_read_when_one_of_them_is_above_twelve()
    {
        Assert.Equal(new DateTime(2024, 3, 9), Read("d,y\n09.03.2024,1\n13.03.2024,2\n").Series[0].Dates![0]);
        Assert.Null(Read("d,y\n09.03.2024,1\n10.03.2024,2\n").Date);
    }

    [Fact]
    public void A_file_without_dates_has_none() => Assert.Null(Read("a,y\n1,2\n3,4\n").Series[0].Dates);

    [Fact]
    public void Known_labels_keep_their_numbers()
    {
        var options = new CsvSeriesOptions { Target = "y", Covariates = ["w"], Codings = [new TextCoding("w", ["N", "S"])] };
        Assert.Equal([1f, 0f], Read("y,w\n1,S\n2,N\n", options).Series[0].Covariates[0]);
        Assert.Equal("F, line 3, column 'w': expected one of the 2 labels that the model was trained with, found 'E'. Correct the cell, or train anew with it.",
            ErrorOf("y,w\n1,S\n2,E\n", options));
    }

    [Theory]
    [InlineData("y\n1\nabc\n", "F, line 3, column 'y': expected a number, found 'abc'. Correct the cell, or leave it empty if the value is missing.")]
    [InlineData("y;z\n1;2\n2,5;3\n", "F, line 3, column 'y': expected a number, found '2,5'. Write a point before decimals and no separator of thousands.")]
    [InlineData("y\n1\ninf\n", "F, line 3, column 'y': expected a finite number below 3.4e38, found 'inf'. Correct the cell, or leave it empty if the value is missing.")]
    [InlineData("y\n1\n-Infinity\n", "F, line 3, column 'y': expected a finite number below 3.4e38, found '-Infinity'. Correct the cell, or leave it empty if the value is missing.")]
    [InlineData("y\n1e999\n2\n", "F, line 2, column 'y': expected a finite number below 3.4e38, found '1e999'. Correct the cell, or leave it empty if the value is missing.")]
    [InlineData("y\n1e39\n2\n", "F, line 2, column 'y': expected a finite number below 3.4e38, found '1e39'. Correct the cell, or leave it empty if the value is missing.")]
    [InlineData("y\n1\n", "F: expected at least 2 rows of values, found 1 (line 2). Give more rows.")]
    [InlineData("y,z\nNA,1\n,2\n", "F: expected numbers in the target column 'y', found none; all 2 cells are empty. Choose another column.")]
    [InlineData("z\n1\n2\n", "F: no target column 'y'. The columns are 'z'. Choose one of them.")]
    [InlineData("d,y\n2024-01-01,1\n2024-01-03,2\n2024-01-02,3\n", "F, line 4, column 'd': expected a date after 2024-01-03 (line 3), found 2024-01-02. Sort the rows by date, one row a date; if the file holds several series, name the column that tells them apart.")]
    [InlineData("d,y\n2024-01-01,1\n2024-01-02,2\nyesterday,3\n", "F, line 4, column 'd': expected a date (yyyy-MM-dd, yyyy-MM, yyyy-MM-dd HH:mm:ss or dd.MM.yyyy), found 'yesterday'. Correct the cell, or remove the row.")]
    public void A_wrong_cell_is_refused_with_line_and_column(string content, string expected) => Assert.Equal(expected, ErrorOf(content));

    [Fact]
    public void Other_wrong_uses_are_refused()
    {
        Assert.Equal("F, line 3, column 'y': expected a number, found 'NaN'. Fill the cell in, or choose how missing values are treated.",
            ErrorOf("y\n1\nNaN\n", new CsvSeriesOptions { Target = "y", RefuseMissing = true }));
        Assert.Equal("F, line 2, column 'y': expected a number, found an empty cell. Fill the cell in, or choose how missing values are treated.",
            ErrorOf("y,z\n,1\n2,2\n", new CsvSeriesOptions { Target = "y", RefuseMissing = true }));
        Assert.Equal("F, column 'd': dates like '01.02.2024' can be read day first or month first. Write them as yyyy-MM-dd.",
            ErrorOf("d,y\n01.02.2024,1\n02.02.2024,2\n", new CsvSeriesOptions { Target = "y", Date = "d" }));
        Assert.Equal("F: column 'y' is named as the target column and again as the covariate column. Name it once.",
            ErrorOf("y,z\n1,2\n3,4\n", new CsvSeriesOptions { Target = "y", Covariates = ["Y"] }));
        Assert.Equal("F, line 3, column 's': expected the name of a series, found an empty cell. Fill the cell in.",
            ErrorOf("s,y\na,2\n,4\n", new CsvSeriesOptions { Target = "y", SeriesId = "s" }));
        Assert.Equal("F, series 'b': expected at least 2 rows of values, found 1 (line 4). Give more rows.",
            ErrorOf("s,y\na,2\na,4\nb,1\n", new CsvSeriesOptions { Target = "y", SeriesId = "s" }));
        Assert.Equal("F, line 3, column 'x': expected a number, found 'high'. Correct the cell, or leave it empty if the value is missing.",
            ErrorOf("y,x\n1,2\n3,high\n", new CsvSeriesOptions { Target = "y", Covariates = ["x"] }));
    }
}
