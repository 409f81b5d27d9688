using Npgsql;
using Vms.Control.Data;

namespace Vms.Control.Auth;

/// <summary>What a new password of a tenant's accounts must satisfy (NIST SP 800-63B §5.1.1.2: length and a list of bad ones, no character classes, no
/// expiry). Passwords that are there stay good.</summary>
/// <param name="MinLength">Characters.</param>
/// <param name="RefuseCommon">Those that an attacker tries first are refused.</param>
internal sealed record PasswordRules(int MinLength, bool RefuseCommon)
{
    /// <summary>What the administrator may ask for at least: shorter ones are guessed.</summary>
    public const int LeastMinLength = 8;

    /// <summary>And at most: longer ones are written on paper.</summary>
    public const int MostMinLength = 64;

    public const int MaxLength = 256;

    /// <summary>Of a tenant that has chosen nothing.</summary>
    public static readonly PasswordRules Default = new(10, RefuseCommon: true);

    /// <summary>Of a password that the operator gave by configuration: they own the machine.</summary>
    public static readonly PasswordRules Configured = new(LeastMinLength, RefuseCommon: true);

    private static readonly HashSet<string> s_common = new(StringComparer.OrdinalIgnoreCase)
    {
        "password", "password1", "password12", "password123", "password1234", "passw0rd123", "12345678", "123456789", "1234567890",
        "0123456789", "qwertyuiop", "qwerty1234", "qwerty12345", "1q2w3e4r5t", "administrator", "admin12345", "admin123456", "adminadmin",
        "letmein123", "welcome123", "changeme123", "iloveyou12", "surveillance", "camera12345", "security123", "hikvision123",
        "dahua12345", "admin@12345", "abcdefghij", "1111111111", "0000000000",
    };

    public static async Task<PasswordRules> OfAsync(NpgsqlDataSource database, string tenantId, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await OfAsync(connection, tenantId, cancellationToken);
    }

    public static async Task<PasswordRules> OfAsync(NpgsqlConnection connection, string tenantId, CancellationToken cancellationToken)
    {
        await using var command = connection.Command("select password_min_length, password_refuse_common from control.tenant where id = $1", tenantId);
        return await command.FirstAsync(r => new PasswordRules(r.GetInt32(0), r.GetBoolean(1)), cancellationToken) ?? Default;
    }

    /// <returns>A stable code and a sentence, or null when the password is fine.</returns>
    public (string Code, string Message)? Check(string password, string username)
    {
        if (password.Length < MinLength)
            return ("tooShort", $"Use at least {MinLength} characters");
        if (password.Length > MaxLength)
            return ("tooLong", $"Use at most {MaxLength} characters");
        if (password.Trim().Equals(username.Trim(), StringComparison.OrdinalIgnoreCase))
            return ("sameAsUsername", "The password must differ from the user name");
        if (RefuseCommon && (s_common.Contains(password) || password.Distinct().Count() < 3))
            return ("tooCommon", "This password is among the first that an attacker tries");
        return null;
    }
}
