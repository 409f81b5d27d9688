namespace Vms.Control.Auth;

/// <summary>What a new password must satisfy (NIST SP 800-63B §5.1.1.2: length and a list of bad ones, no character classes).</summary>
internal static class PasswordRules
{
    public const int MinLength = 10;

    /// <summary>A password that the operator gave by configuration may be this short: they own the machine.</summary>
    public const int MinConfiguredLength = 8;

    public const int MaxLength = 256;

    private static readonly HashSet<string> s_common = new(StringComparer.OrdinalIgnoreCase)
    {
        "password", "password1", "password12", "password123", "password1234", "passw0rd123", "12345678", "123456789", "1234567890",
        "0123456789", "qwertyuiop", "qwerty1234", "qwerty12345", "1q2w3e4r5t", "administrator", "admin12345", "admin123456", "adminadmin",
        "letmein123", "welcome123", "changeme123", "iloveyou12", "surveillance", "camera12345", "security123", "hikvision123",
        "dahua12345", "admin@12345", "abcdefghij", "1111111111", "0000000000",
    };

    /// <returns>A stable code and a sentence, or null when the password is fine.</returns>
    public static (string Code, string Message)? Check(string password, string username, int minLength = MinLength)
    {
        if (password.Length < minLength)
            return ("tooShort", $"Use at least {minLength} characters");
        if (password.Length > MaxLength)
            return ("tooLong", $"Use at most {MaxLength} characters");
        if (password.Trim().Equals(username.Trim(), StringComparison.OrdinalIgnoreCase))
            return ("sameAsUsername", "The password must differ from the user name");
        if (s_common.Contains(password) || password.Distinct().Count() < 3)
            return ("tooCommon", "This password is among the first that an attacker tries");
        return null;
    }
}
