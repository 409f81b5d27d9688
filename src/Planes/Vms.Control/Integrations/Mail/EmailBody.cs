using System.Text.Json;

namespace Vms.Control.Integrations.Mail;

/// <summary>What a message says. The body of an item of the channel <c>email</c>: <c>{subject, text, image?}</c>; from an event alone subject and text are made.</summary>
/// <param name="Image">JPEG, shown in the message.</param>
internal sealed record EmailBody(string Subject, string Text, byte[]? Image)
{
    private const int MaxSubjectLength = 200;
    private const int MaxTextLength = 20_000;
    private const string NoName = "VMS";

    public static EmailBody Read(JsonElement body)
    {
        var happened = body.ValueKind == JsonValueKind.Object && body.TryGetProperty("event", out var inner) && inner.ValueKind == JsonValueKind.Object ? inner : body;
        var what = string.Join(" – ", ((string?[])[WordOf(happened, "cameraName"), WordOf(happened, "type")]).OfType<string>());
        var subject = OneLine(WordOf(body, "subject") ?? (what.Length > 0 ? what : NoName));
        var text = WordOf(body, "text") ?? string.Join('\n', ((string?[])[what, WordOf(happened, "at"), WordOf(happened, "siteName")]).OfType<string>());
        return new EmailBody(subject, text[..Math.Min(text.Length, MaxTextLength)], ImageOf(body));
    }

    /// <summary>A line break in a subject would begin another header.</summary>
    private static string OneLine(string text) => new([.. text.Select(c => char.IsControl(c) ? ' ' : c).Take(MaxSubjectLength)]);

    private static string? WordOf(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;

    private static byte[]? ImageOf(JsonElement body) =>
        body.ValueKind == JsonValueKind.Object && body.TryGetProperty("image", out var image) && image.ValueKind == JsonValueKind.String && image.TryGetBytesFromBase64(out var bytes)
        && bytes is [0xFF, 0xD8, ..] ? bytes : null;
}
