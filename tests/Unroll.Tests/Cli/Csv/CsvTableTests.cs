using System.Text;
using Unroll.Cli;
using Unroll.Cli.Csv;
using Unroll.Tests.Support;

namespace Unroll.Tests.Cli.Csv;

public class CsvTableTests
{
    private static string ErrorOf(byte[] content)
    {
        using var file = new TemporaryFile(content);
        InputException error = Assert.Throws<InputException>(() => CsvTable.Read(file.Path));
        Assert.StartsWith(file.Path, error.Message, StringComparison.Ordinal);
        return string.Concat("F", error.Message.AsSpan(file.Path.Length));
    }

    private static string ErrorOf(string content) => ErrorOf(Encoding.UTF8.GetBytes(content));

    [Theory]
    [InlineData("day,value\n1,2.5\n2,3.5\n", ',')]
    [InlineData("day;value\r\n1;2.5\r\n2;3.5\r\n", ';')]
    [InlineData("day\tvalue\n1\t2.5\n2\t3.5", '\t')]
    [InlineData("day;value\n1;2,5\n2;3,5", ';')]
    [InlineData("\"a,b,c\";value\n1;2\n3;4", ';')]
    [InlineData("\"a,b\";value\n\"1,5\";2\n\"3,4\";4", ';')]
    [InlineData("value\n1\n2", ',')]
    public void The_delimiter_is_found_out(string text, char expected)
    {
        using var file = new TemporaryFile(text);
        CsvTable table = CsvTable.Read(file.Path);
        Assert.Equal(expected, table.Delimiter);
        Assert.Equal(2, table.RowCount);
        Assert.Equal("value", table.Header[^1]);
    }

    [Fact]
    public void A_given_delimiter_is_used_as_it_is()
    {
        using var file = new TemporaryFile("a|b,c\n1|2\n");
        CsvTable table = CsvTable.Read(file.Path, new CsvReadOptions { Delimiter = '|' });
        Assert.Equal(["a", "b,c"], table.Header);
    }

    [Fact]
    public void Quotes_blanks_and_line_numbers_are_understood()
    {
        using var file = new TemporaryFile(" \"name, unit\" , value \n\"a \"\"b\"\"\", 1 \n\n\"two\nlines\",2\nc,3\n");
        CsvTable table = CsvTable.Read(file.Path);
        Assert.Equal(["name, unit", "value"], table.Header);
        Assert.Equal("a \"b\"", table.Cell(0, 0));
        Assert.Equal("two\nlines", table.Cell(1, 0));
        Assert.Equal(["1", "2", "3"], [table.Cell(0, 1), table.Cell(1, 1), table.Cell(2, 1)]);
        Assert.Equal([2, 4, 6], [table.Line(0), table.Line(1), table.Line(2)]);
    }

    [Theory]
    [InlineData("utf-8")]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    public void A_byte_order_mark_is_no_part_of_the_first_name(string encodingName)
    {
        Encoding encoding = Encoding.GetEncoding(encodingName);
        using var file = new TemporaryFile([.. encoding.GetPreamble(), .. encoding.GetBytes("größe,b\n1,2\n")]);
        Assert.Equal(["größe", "b"], CsvTable.Read(file.Path).Header);
    }

    [Fact]
    public void Blank_lines_are_passed_over_but_are_empty_cells_in_a_file_of_one_column()
    {
        using var two = new TemporaryFile("a,b\n\n1,2\n\n3,4\n\n");
        Assert.Equal(2, CsvTable.Read(two.Path).RowCount);
        using var one = new TemporaryFile("a\n1\n\n3\n\n\n");
        CsvTable table = CsvTable.Read(one.Path);
        Assert.Equal(["1", "", "3"], [table.Cell(0, 0), table.Cell(1, 0), table.Cell(2, 0)]);
        Assert.Equal(3, table.RowCount);
        Assert.Equal(4, table.Line(2));
    }

    [Fact]
    public void A_column_without_a_name_is_named_by_its_place()
    {
        using var file = new TemporaryFile(",b\n1,2\n");
        Assert.Equal(["column 1", "b"], CsvTable.Read(file.Path).Header);
    }

    [Fact]
    public void A_column_is_found_in_any_letter_case_when_no_name_is_exact()
    {
        using var file = new TemporaryFile("Amount,amount,Date\n1,2,3\n");
        CsvTable table = CsvTable.Read(file.Path);
        Assert.Equal(1, table.Column("amount", "target"));
        Assert.Equal(0, table.Column("Amount", "target"));
        Assert.Equal(2, table.Column("DATE", "target"));
    }

    [Fact]
    public void A_missing_column_is_refused_with_the_columns_there_are_and_the_nearest()
    {
        using var file = new TemporaryFile("day,amount\n1,2\n");
        CsvTable table = CsvTable.Read(file.Path);
        Assert.Equal($"{file.Path}: no target column 'amuont'. The columns are 'day', 'amount'. Did you mean 'amount'?",
            Assert.Throws<InputException>(() => table.Column("amuont", "target")).Message);
        Assert.Equal($"{file.Path}: no target column 'temperature'. The columns are 'day', 'amount'. Choose one of them.",
            Assert.Throws<InputException>(() => table.Column("temperature", "target")).Message);
    }

    [Fact]
    public void A_file_that_is_not_there_is_refused_with_its_name() => Assert.Equal(
        "no/such/sales.csv: no such file. Check the path; relative paths start at the current folder.",
        Assert.Throws<InputException>(() => CsvTable.Read("no/such/sales.csv")).Message);

    [Fact]
    public void A_folder_is_refused()
    {
        string folder = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);
        Assert.Equal($"{folder}: expected a CSV file, found a folder. Name a file in it.",
            Assert.Throws<InputException>(() => CsvTable.Read(folder)).Message);
    }

    [Fact]
    public void A_file_that_another_holds_open_is_refused()
    {
        using var file = new TemporaryFile("a,b\n1,2\n");
        using var held = new FileStream(file.Path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        Assert.Equal($"{file.Path}: the file cannot be read now; another program may hold it open. Close it there and try again.",
            Assert.Throws<InputException>(() => CsvTable.Read(file.Path)).Message);
    }

    [Theory]
    [InlineData("", "F: the file is empty. Expected a header line with column names, then rows of values.")]
    [InlineData("\n \n", "F: the file is empty. Expected a header line with column names, then rows of values.")]
    [InlineData("day,value\n", "F: expected rows of values below the header, found the header alone (2 columns). Add the values.")]
    [InlineData("value", "F: expected rows of values below the header, found the header alone (1 column). Add the values.")]
    [InlineData("a,b\n1,2\n\n3\n", "F, line 4: expected 2 cells as in the header, found 1. Add or remove cells, or put quotes around a cell that holds a comma.")]
    [InlineData("a;b\n1;2\n1;2;3\n", "F, line 3: expected 2 cells as in the header, found 3. Add or remove cells, or put quotes around a cell that holds a semicolon.")]
    [InlineData("a,b\n1,\"2\n3,4\n", "F, line 2: a quote stands inside a cell or is not closed. Write a quote inside a quoted cell twice, and close every quoted cell.")]
    [InlineData("a,b\n1,2\n3,4\"5\"\n", "F, line 3: a quote stands inside a cell or is not closed. Write a quote inside a quoted cell twice, and close every quoted cell.")]
    [InlineData("a,b,a\n1,2,3\n", "F, line 1: expected different column names, found 'a' as columns 1 and 3. Rename one.")]
    [InlineData("1,2\n3,4\n", "F, line 1: expected a header with column names, found numbers ('1,2'). Put a line with names above the values.")]
    [InlineData("a,b\n1,\u0001\n", "F, line 2: expected text, found the byte 0x01; this is a binary file. Give a CSV file.")]
    public void What_is_no_table_is_refused_with_one_message(string content, string expected) => Assert.Equal(expected, ErrorOf(content));

    [Fact]
    public void Binary_content_is_refused()
    {
        Assert.Equal("F: expected a text file, found a gzip archive. Unpack it first.", ErrorOf([0x1f, 0x8b, 8, 0, 1, 2]));
        Assert.Equal("F: expected a text file, found a zip archive or a spreadsheet. Export the sheet as CSV.", ErrorOf("PK\u0003\u0004"));
        Assert.Equal("F, line 2: expected UTF-8 text, found the byte 0xfc. Save the file as UTF-8.", ErrorOf([.. "a,b\n1,"u8, 0xfc, .. "2\n"u8]));
    }
}
