namespace Unroll.Tasks;

/// <summary>Solves A x = b for a symmetric positive definite A by A = L Lᵀ, in double, sums in a fixed order.</summary>
internal static class CholeskySolver
{
    /// <summary>
    /// Replaces the lower triangle of <paramref name="matrix"/> [n, n], row by row, by L. False where the matrix is
    /// not positive definite to working precision: a pivot is below 1e-12 of its diagonal.
    /// </summary>
    public static bool Factorise(Span<double> matrix, int n)
    {
        for (int i = 0; i < n; i++)
        {
            Span<double> row = matrix.Slice(i * n, n);
            for (int j = 0; j < i; j++)
                row[j] = (row[j] - Dot(row, matrix.Slice(j * n, n), j)) / matrix[j * n + j];
            double pivot = row[i] - Dot(row, row, i);
            if (!(pivot > 1e-12 * row[i])) return false;
            row[i] = Math.Sqrt(pivot);
        }
        return true;
    }

    /// <summary>Replaces <paramref name="vector"/> [n] by the solution of L Lᵀ x = vector.</summary>
    public static void Solve(ReadOnlySpan<double> factor, int n, Span<double> vector)
    {
        for (int i = 0; i < n; i++)
            vector[i] = (vector[i] - Dot(factor.Slice(i * n, n), vector, i)) / factor[i * n + i];
        for (int i = n - 1; i >= 0; i--)
        {
            vector[i] /= factor[i * n + i];
            for (int j = 0; j < i; j++) vector[j] -= factor[i * n + j] * vector[i];
        }
    }

    private static double Dot(ReadOnlySpan<double> x, ReadOnlySpan<double> y, int count)
    {
        double sum = 0;
        for (int i = 0; i < count; i++) sum += x[i] * y[i];
        return sum;
    }
}
