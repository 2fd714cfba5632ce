import { createContext } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';
import { type Language, languages, languageTags, strings, type Text } from './strings';

export const LanguageContext = createContext<Language>('zh');

/** Turns a text into the page's language and fills in its `{names}`. */
export type Translate = (text: Text, values?: { readonly [name: string]: string | number }) => string;

/** The text of a language, with its `{names}` filled in; a name without a value stays as it stands. */
export function translate(language: Language, ...[text, values = {}]: Parameters<Translate>): string {
  return text[language].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

export function useText(): Translate {
  const language = useContext(LanguageContext);
  return (text, values) => translate(language, text, values);
}

const storageKey = 'kefu-cloud.language';

/** The chosen language, remembered where the browser lets a page remember. The browser's own at first. */
export function useLanguage(): [Language, (language: Language) => void] {
  const [language, setLanguage] = useState<Language>(readLanguage);
  useEffect(() => {
    document.documentElement.lang = languageTags[language];
    document.title = `kefu-cloud · ${translate(language, strings.subtitle)}`;
  }, [language]);
  return [
    language,
    (chosen) => {
      setLanguage(chosen);
      try {
        localStorage.setItem(storageKey, chosen);
      } catch {
        // A browser that forbids storage forgets the choice; nothing else depends on it.
      }
    },
  ];
}

function readLanguage(): Language {
  try {
    const stored = localStorage.getItem(storageKey);
    return languages.find((language) => language === stored) ?? browserLanguage();
  } catch {
    return browserLanguage();
  }
}

/** English where the browser is English; Chinese else. */
function browserLanguage(): Language {
  return /^en\b/i.test(navigator.language) ? 'en' : 'zh';
}
