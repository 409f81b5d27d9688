using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Vms.Control.Data;

/// <summary>Times in the API: UTC with milliseconds and <c>Z</c>. Any ISO-8601 offset is read.</summary>
internal sealed class UtcTimeConverter : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetDateTimeOffset().ToUniversalTime();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(TextOf(value));

    /// <summary>As it is written: what names a time has to name it in the same words.</summary>
    public static string TextOf(DateTimeOffset value) => value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
