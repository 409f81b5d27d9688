import { catalogue } from "@/i18n/catalogue";

export const words = catalogue(
  {
    noPictureThen: "No picture of this time",
    mayNotLook: "Your account may not see recordings",
    wholePicture: "Show the whole picture",
    wholePictureKey: "Show the whole picture (0)",
    camera: "Camera",
  },
  {
    noPictureThen: "Kein Bild aus dieser Zeit",
    mayNotLook: "Ihr Konto darf keine Aufzeichnungen sehen",
    wholePicture: "Ganzes Bild zeigen",
    wholePictureKey: "Ganzes Bild zeigen (0)",
    camera: "Kamera",
  },
);
