namespace Vms.Control.Auth;

internal static class UsernameRules
{
    public const int MaxLength = 64;

    /// <returns>A stable code and a sentence, or null when the name is fine.</returns>
    public static (string Code, string Message)? Check(string username)
    {
        if (username.Length == 0)
            return ("required", "A user name is required");
        if (username.Length > MaxLength)
            return ("tooLong", $"Use at most {MaxLength} characters");
        return username.All(c => char.IsLetterOrDigit(c) || c is '.' or '_' or '-' or '@' or '+')
            ? null
            : ("invalidCharacters", "Use letters, digits and . _ - @ +");
    }
}
